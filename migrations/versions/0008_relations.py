"""Relations that keep somebody from a case, declared or official.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("basis", sa.String(length=80), nullable=True),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=True),
        sa.Column("statement_id", sa.String(length=36), nullable=True),
        sa.Column("ended_statement_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint("what in ('person', 'unit', 'body', 'inspection')", name=op.f("ck_relation_what")),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name=op.f("ck_relation_period")),
        sa.CheckConstraint("(basis is null) <> (statement_id is null)", name=op.f("ck_relation_source")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_relation_person_id_person")),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_relation_statement_id_statement")),
        sa.ForeignKeyConstraint(
            ["ended_statement_id"], ["statement.id"], name=op.f("fk_relation_ended_statement_id_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation")),
    )
    op.create_index("ix_relation_person_id", "relation", ["person_id"])
    op.create_index("ix_relation_code", "relation", ["what", "code"])
