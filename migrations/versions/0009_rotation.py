"""Who is in charge of which field or area, and what was said about their rotation.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "charge",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("kind in ('field', 'area')", name=op.f("ck_charge_kind")),
        sa.CheckConstraint("until is null or until >= since", name=op.f("ck_charge_period")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_charge_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
        sa.UniqueConstraint("person_id", "kind", "code", "since", name=op.f("uq_charge_person_id_kind_code_since")),
    )
    op.create_table(
        "rotation_act",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("said_by", sa.String(length=40), nullable=True),
        sa.Column("statement_id", sa.String(length=36), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('field', 'area')", name=op.f("ck_rotation_act_kind")),
        sa.CheckConstraint("act in ('exception', 'requirement')", name=op.f("ck_rotation_act_act")),
        sa.CheckConstraint("(act = 'exception') = (until is not null)", name=op.f("ck_rotation_act_lasts")),
        sa.CheckConstraint("act = 'requirement' or statement_id is not null", name=op.f("ck_rotation_act_signed")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rotation_act_person_id_person")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_rotation_act_statement_id_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotation_act")),
    )
