"""The registry of inspections: what a report is usually about.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inspection",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("decision", sa.String(length=80), nullable=False),
        sa.Column("work_kind", sa.String(length=40), nullable=False),
        sa.Column("body", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("until is null or until >= since", name=op.f("ck_inspection_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
        sa.UniqueConstraint("code", name=op.f("uq_inspection_code")),
    )
    op.create_table(
        "inspection_person",
        sa.Column("inspection_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.CheckConstraint("part in ('directing', 'head', 'member')", name=op.f("ck_inspection_person_part")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_inspection_person_inspection_id_inspection")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_inspection_person_person_id_person")),
        sa.PrimaryKeyConstraint("inspection_id", "person_id", "part", name=op.f("pk_inspection_person")),
    )
    op.create_table(
        "inspection_unit",
        sa.Column("inspection_id", sa.String(length=36), nullable=False),
        sa.Column("body", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_inspection_unit_inspection_id_inspection")
        ),
        sa.PrimaryKeyConstraint("inspection_id", "body", name=op.f("pk_inspection_unit")),
    )
