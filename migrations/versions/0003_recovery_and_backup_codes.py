"""A proof for the printed recovery key, and single-use backup codes for the second factor.

`recovery_auth` is empty for keys that were enrolled before this migration: their recovery key opens nothing by the page.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member_key", sa.Column("recovery_auth", sa.LargeBinary(), nullable=True))
    op.create_table(
        "backup_code",
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["member_key.id"], name=op.f("fk_backup_code_key_id_member_key")),
        sa.PrimaryKeyConstraint("key_id", "code_hash", name=op.f("pk_backup_code")),
    )
