"""Browsers that signed in before, and failures counted by what was right in them.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device_mark",
        sa.Column("mark_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_device_mark_person_id_person")),
        sa.PrimaryKeyConstraint("mark_hash", name=op.f("pk_device_mark")),
    )
    op.create_index("ix_device_mark_person", "device_mark", ["person_id"])
    op.add_column("sign_in_failure", sa.Column("halves", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("member_session", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("member_session", sa.Column("mark_hash", sa.String(length=64), nullable=True))
