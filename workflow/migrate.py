"""Bring a database to the present tables: all numbered migrations in one transaction, or none.

Alembic is imported where it is used: it takes ten megabytes, and what serves has nothing to migrate.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workflow.store import Store, hold

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def migrate(store: Store, to: str = "head") -> None:
    """Run what is missing; several processes may start at once."""
    from alembic import command

    with store.transaction() as db:
        hold(db, "migrations")
        config = _config()
        config.attributes["connection"] = db.connection()
        command.upgrade(config, to)


def is_current(store: Store) -> bool:
    """Whether the database stands at the newest migration."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with store.reading() as db:
        present = MigrationContext.configure(db.connection()).get_current_heads()
    return set(present) == set(ScriptDirectory.from_config(_config()).get_heads())


def is_empty(store: Store) -> bool:
    """Whether no migration has been run."""
    from alembic.runtime.migration import MigrationContext

    with store.reading() as db:
        return not MigrationContext.configure(db.connection()).get_current_heads()


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config
