"""Indices for what grows with the number of cases: the queue's order, and the statements of one case.

Revision ID: 0006
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_case_file_queue", "case_file", ["updated", "received", "number"], unique=False)
    op.create_index("ix_statement_case", "statement", ["case_id", "kind"], unique=False)
