"""Bank transfers that are awaited, and money that staff send back by hand.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _state(name: str, *values: str) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)
    return sa.Column("state", kind, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "bank_transfer",
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("attempt_id", sa.String(length=36), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.String(length=70), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("bic", sa.String(length=11), nullable=False),
        sa.Column("bank", sa.String(length=70), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        _state("transferstate", "awaited", "received", "canceled"),
        sa.Column("received_amount", sa.BigInteger(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        _moment("expires_at"),
        _moment("remind_at", nullable=True),
        _moment("created_at"),
        sa.CheckConstraint("amount > 0", name=op.f("ck_bank_transfer_amount")),
        sa.CheckConstraint(
            "(state = 'received') = (received_amount IS NOT NULL) "
            "AND (received_amount IS NULL) = (received_on IS NULL)",
            name=op.f("ck_bank_transfer_received"),
        ),
        sa.CheckConstraint("received_amount > 0", name=op.f("ck_bank_transfer_received_amount")),
        sa.CheckConstraint("holder <> '' AND iban <> ''", name=op.f("ck_bank_transfer_account")),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["checkout_attempt.id"],
            name=op.f("fk_bank_transfer_attempt_id_checkout_attempt"),
        ),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_bank_transfer")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_bank_transfer_attempt_id")),
    )
    op.create_index(op.f("ix_bank_transfer_reference"), "bank_transfer", ["reference"])
    op.create_index(op.f("ix_bank_transfer_created_at"), "bank_transfer", ["created_at"])
    op.create_table(
        "transfer_back",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("transfer_ref", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        _state("transferbackstate", "pending", "sent", "dropped"),
        _moment("created_at"),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfer_back_amount")),
        sa.ForeignKeyConstraint(["id"], ["refund.id"], name=op.f("fk_transfer_back_id_refund")),
        sa.ForeignKeyConstraint(
            ["transfer_ref"],
            ["bank_transfer.ref"],
            name=op.f("fk_transfer_back_transfer_ref_bank_transfer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_back")),
    )
    op.create_index(op.f("ix_transfer_back_transfer_ref"), "transfer_back", ["transfer_ref"])


def downgrade() -> None:
    op.drop_table("transfer_back")
    op.drop_table("bank_transfer")
