"""Each list of the orders desk has an index of its own; staff keep lists under a name.

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NEW = ("placed_at", "id")
BY_PAYMENT = (*NEW, "payment_status")
BY_FULFILMENT = (*NEW, "fulfilment_status")
LISTS = {
    "waiting": (BY_PAYMENT, "payment_status IN ('pending', 'processing')"),
    "sent": (BY_FULFILMENT, "fulfilment_status IN ('partially_shipped', 'shipped')"),
    "delivered": (BY_FULFILMENT, "fulfilment_status = 'delivered'"),
    "ended": (BY_PAYMENT, "payment_status IN ('canceled', 'expired', 'refunded')"),
    "partly_refunded": (BY_PAYMENT, "payment_status = 'partially_refunded'"),
    "attention": ((*NEW, "attention"), "attention <> ''"),
    "to_send": (
        ("paid_at", "id"),
        "payment_status IN ('paid', 'partially_refunded')"
        " AND fulfilment_status IN ('partially_shipped', 'unfulfilled')",
    ),
    "coupon": (("coupon_code", *NEW), "coupon_code <> ''"),
}


def upgrade() -> None:
    op.drop_index("ix_orders_desk", "orders")
    op.drop_index(op.f("ix_orders_attention"), "orders")
    op.create_index("ix_orders_country", "orders", ["country", *NEW])
    for name, (columns, where) in LISTS.items():
        only = sa.text(where)
        op.create_index(
            f"ix_orders_{name}", "orders", columns, sqlite_where=only, postgresql_where=only
        )
    op.create_index("ix_order_item_variant", "order_item", ["variant_id", "order_id"])
    op.drop_index(op.f("ix_order_item_variant_id"), "order_item")
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name <> '' AND name_key <> ''", name=op.f("ck_saved_view_name")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_saved_view_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("user_id", "name_key", name=op.f("uq_saved_view_user_id_name_key")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("saved_view")
    op.create_index(op.f("ix_order_item_variant_id"), "order_item", ["variant_id"])
    op.drop_index("ix_order_item_variant", "order_item")
    for name in LISTS:
        op.drop_index(f"ix_orders_{name}", "orders")
    op.drop_index("ix_orders_country", "orders")
    op.create_index(op.f("ix_orders_attention"), "orders", ["attention"])
    op.create_index("ix_orders_desk", "orders", ["payment_status", "fulfilment_status", "placed_at"])
