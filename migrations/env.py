"""Alembic's entry: `workflow.migrate` hands over an open connection; there is no alembic.ini."""

from alembic import context

from workflow.models import Record

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Record.metadata,
    compare_server_default=True,
    # SQLite keeps tables and triggers in the transaction too, once the driver no longer begins and ends it by itself.
    transactional_ddl=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
