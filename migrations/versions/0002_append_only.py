"""Append-only by trigger: what was recorded stays as it was recorded (architecture, *The ledger*).

Ledger entries, checkpoints, statements and rosters are never changed or deleted; sealed objects neither, but for
grants, which are deleted when a reader leaves. A trigger can be walked past in two ways, both closed here: SQLite's
INSERT OR REPLACE deletes the older row without asking a DELETE trigger (unless `recursive_triggers` is on), so a key
that exists is refused before insert; PostgreSQL's TRUNCATE asks row triggers nothing, so it has its own.

Revision ID: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Table, its unique keys, and what may be deleted all the same.
KEPT = (
    ("ledger_entry", (("chain", "seq"), ("hash",)), None),
    ("checkpoint", (("no",), ("hash",)), None),
    ("statement", (("id",),), None),
    ("roster", (("no",), ("hash",)), None),
    ("sealed_object", (("id",), ("case_id", "position")), "old.kind = 'grant'"),
)


def upgrade() -> None:
    make = _sqlite if op.get_bind().dialect.name == "sqlite" else _postgresql
    for statement in make():
        # The driver's own call: nothing in a trigger's body is a parameter.
        op.get_bind().exec_driver_sql(statement)


def _sqlite() -> list[str]:
    made = []
    for table, keys, deletable in KEPT:
        taken = " or ".join(
            f"exists (select 1 from {table} where {' and '.join(f'{column} = new.{column}' for column in key)})"
            for key in (*keys, ("rowid",))
        )
        refuse = f"select raise(abort, '{table} is append-only');"
        unless = f" when not ({deletable})" if deletable else ""
        made += [
            f"create trigger {table}_keeps_rows before update on {table} begin {refuse} end",
            f"create trigger {table}_loses_none before delete on {table}{unless} begin {refuse} end",
            f"create trigger {table}_replaces_none before insert on {table} when {taken} begin {refuse} end",
        ]
    return made


def _postgresql() -> list[str]:
    made = [
        """create function refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception using errcode = 'restrict_violation', message = tg_table_name || ' is append-only';
        end $$"""
    ]
    for table, _, deletable in KEPT:
        unless = f" when (not ({deletable}))" if deletable else ""
        events = {
            "keeps_rows": "before update on {} for each row",
            "loses_none": "before delete on {} for each row" + unless,
            "is_not_emptied": "before truncate on {} for each statement",
        }
        for name, when in events.items():
            made += [
                f"create trigger {table}_{name} {when.format(table)} execute function refuse_change()",
                # Also for a session that plays a replica, which skips ordinary triggers.
                f"alter table {table} enable always trigger {table}_{name}",
            ]
    return made
