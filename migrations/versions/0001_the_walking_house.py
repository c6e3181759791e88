"""The walking house: all tables of the first whole way of a report.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "body",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_vi", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("parent", sa.String(length=40), nullable=True),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("single", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("quorum >= 1", name=op.f("ck_body_quorum")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_body_code_valid_from")),
    )
    op.create_table(
        "case_counter",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_case_counter")),
    )
    op.create_table(
        "case_file",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("profile", sa.String(length=8), nullable=False),
        sa.Column("ruleset", sa.String(length=40), nullable=False),
        sa.Column("body", sa.String(length=40), nullable=False),
        sa.Column("work_kind", sa.String(length=16), nullable=True),
        sa.Column("sealed_at", sa.String(length=8), nullable=False),
        sa.Column("received", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("mailbox_hash", sa.String(length=64), nullable=False),
        sa.Column("reporter_kem", sa.LargeBinary(), nullable=False),
        sa.Column("reporter_sign", sa.LargeBinary(), nullable=False),
        sa.Column("custodian_set", sa.String(length=40), nullable=False),
        sa.Column("custodian_set_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("profile in ('state', 'party', 'lead')", name=op.f("ck_case_file_profile")),
        sa.CheckConstraint("sealed_at in ('browser', 'server')", name=op.f("ck_case_file_sealed_at")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("mailbox_hash", name=op.f("uq_case_file_mailbox_hash")),
        sa.UniqueConstraint("number", name=op.f("uq_case_file_number")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("doc", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("changed", sa.LargeBinary(), nullable=False),
        sa.Column("made", TIME, nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint("hash", name=op.f("uq_checkpoint_hash")),
    )
    op.create_table(
        "custodian_set",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("purpose in ('identity', 'rescue')", name=op.f("ck_custodian_set_purpose")),
        sa.CheckConstraint("k >= 2 and n >= 4 and k < n", name=op.f("ck_custodian_set_threshold")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custodian_set")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_custodian_set_code_version")),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("receipt_salt", sa.LargeBinary(), nullable=False),
        sa.Column("signing_public", sa.LargeBinary(), nullable=False),
        sa.Column("organisation_key", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("kind in ('demonstration', 'production')", name=op.f("ck_installation_kind")),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("chain", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("private_salt", sa.LargeBinary(), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("hash", name=op.f("uq_ledger_entry_hash")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=True),
        sa.Column("supervisor", sa.Boolean(), nullable=False),
        sa.Column("administrator", sa.Boolean(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("code", name=op.f("uq_person_code")),
        sa.UniqueConstraint("username", name=op.f("uq_person_username")),
    )
    op.create_table(
        "roster",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("doc", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("published", TIME, nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_roster")),
        sa.UniqueConstraint("hash", name=op.f("uq_roster_hash")),
    )
    op.create_table(
        "seen_envelope",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("forget", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_seen_envelope")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last", TIME, nullable=False),
        sa.Column("locked_until", TIME, nullable=True),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_sign_in_failure")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_vi", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("body", sa.String(length=40), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_unit_code_valid_from")),
    )
    op.create_table(
        "case_category",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_category_case_id_case_file")),
        sa.PrimaryKeyConstraint("case_id", "code", name=op.f("pk_case_category")),
    )
    op.create_table(
        "custodian",
        sa.Column("set_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_custodian_person_id_person")),
        sa.ForeignKeyConstraint(["set_id"], ["custodian_set.id"], name=op.f("fk_custodian_set_id_custodian_set")),
        sa.PrimaryKeyConstraint("set_id", "person_id", name=op.f("pk_custodian")),
    )
    op.create_table(
        "enrolment_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.Column("used", TIME, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_link_person_id_person")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_enrolment_link")),
    )
    op.create_table(
        "enrolment_session",
        sa.Column("sid_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("totp", sa.LargeBinary(), nullable=False),
        sa.Column("pepper", sa.LargeBinary(), nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrolment_session_person_id_person")),
        sa.PrimaryKeyConstraint("sid_hash", name=op.f("pk_enrolment_session")),
    )
    op.create_table(
        "member_key",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kem", sa.LargeBinary(), nullable=False),
        sa.Column("sign", sa.LargeBinary(), nullable=False),
        sa.Column("readerkey", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("recovery", sa.LargeBinary(), nullable=False),
        sa.Column("auth", sa.LargeBinary(), nullable=False),
        sa.Column("pepper", sa.LargeBinary(), nullable=False),
        sa.Column("totp", sa.LargeBinary(), nullable=False),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("ended", TIME, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_member_key_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_key")),
        sa.UniqueConstraint("readerkey", name=op.f("uq_member_key_readerkey")),
    )
    op.create_index("ix_member_key_person", "member_key", ["person_id", "ended"], unique=False)
    op.create_table(
        "member_session",
        sa.Column("sid_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("seen", TIME, nullable=False),
        sa.Column("ends", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_member_session_person_id_person")),
        sa.PrimaryKeyConstraint("sid_hash", name=op.f("pk_member_session")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("not_before", TIME, nullable=False),
        sa.Column("sent", TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_notice_attempts")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_waiting", "notice", ["sent", "not_before"], unique=False)
    op.create_table(
        "readership",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("declared", sa.String(length=8), nullable=True),
        sa.Column("declared_at", TIME, nullable=True),
        sa.Column("opened_at", TIME, nullable=True),
        sa.Column("ended", TIME, nullable=True),
        sa.Column("ended_why", sa.String(length=16), nullable=True),
        sa.CheckConstraint("declared in ('clear', 'conflict')", name=op.f("ck_readership_declared")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_readership_case_id_case_file")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_readership_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readership")),
        sa.UniqueConstraint("case_id", "person_id", name=op.f("uq_readership_case_id_person_id")),
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("body", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("function", sa.String(length=16), nullable=False),
        sa.Column("roles", sa.String(length=80), nullable=False),
        sa.Column("term_from", sa.Date(), nullable=False),
        sa.Column("term_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "function in ('head', 'deputy', 'member', 'adviser', 'clerk')", name=op.f("ck_seat_function")
        ),
        sa.CheckConstraint("term_to is null or term_to >= term_from", name=op.f("ck_seat_term")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("body", "person_id", "term_from", name=op.f("uq_seat_body_person_id_term_from")),
    )
    op.create_table(
        "statement",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("signer", sa.String(length=40), nullable=False),
        sa.Column("doc", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("stored", TIME, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_statement_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
    )
    op.create_table(
        "epoch",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("ring", sa.String(length=16), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=True),
        sa.Column("statement_id", sa.String(length=36), nullable=True),
        sa.CheckConstraint("state in ('pending', 'open', 'closed')", name=op.f("ck_epoch_state")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_epoch_case_id_case_file")),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_epoch_statement_id_statement")),
        sa.PrimaryKeyConstraint("case_id", "ring", "epoch", name=op.f("pk_epoch")),
    )
    op.create_table(
        "sealed_object",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ring", sa.String(length=16), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.Column("scope", sa.String(length=16), nullable=True),
        sa.Column("reader", sa.String(length=40), nullable=True),
        sa.Column("readerkey", sa.String(length=64), nullable=True),
        sa.Column("set_code", sa.String(length=40), nullable=True),
        sa.Column("setv", sa.Integer(), nullable=True),
        sa.Column("k", sa.Integer(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("x", sa.Integer(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=40), nullable=False),
        sa.Column("stored", TIME, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_sealed_object_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_sealed_object_statement_id_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_object")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_sealed_object_case_id_position")),
    )
    op.create_index("ix_sealed_object_place", "sealed_object", ["case_id", "kind", "reader"], unique=False)
