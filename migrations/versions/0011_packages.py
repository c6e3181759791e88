"""Bodies outside, and the packages in which cases leave to them.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outside_body",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("doc", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("added", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_outside_body")),
    )
    op.create_table(
        "case_package",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("statement_id", sa.String(length=36), nullable=False),
        sa.Column("addressee", sa.String(length=40), nullable=False),
        sa.Column("readerkey", sa.String(length=64), nullable=True),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("name_vi", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_package_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_case_package_statement_id_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_package")),
        sa.UniqueConstraint("statement_id", name=op.f("uq_case_package_statement_id")),
    )
    op.create_index("ix_case_package_case_id", "case_package", ["case_id", "made"])
