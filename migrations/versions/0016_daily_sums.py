"""Sales and refunds are summed up by day, so that figures need not read all orders.

Refunds that have succeeded get their moment and day; both are the day in UTC until the worker has
moved sales and refunds to that of the shop's time zone, in turns.

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# What Today counts: mails that failed, pieces that run low.
INDEXES = (
    ("ix_mail_message_failed", "mail_message", "created_at", "state = 'failed'"),
    (
        "ix_product_variant_left",
        "product_variant",
        "(stock_on_hand - stock_reserved)",
        "is_active AND stock_policy = 'deny'",
    ),
)
MEASURES = (
    "orders, pieces, amount_goods, amount_discount, amount_shipping, amount_tax, amount_sales,"
    " refunds, pieces_refunded, amount_refunded"
)
SALE = """
    1, (SELECT coalesce(sum(i.quantity), 0) FROM order_item i WHERE i.order_id = o.id),
    o.amount_subtotal, o.amount_discount, o.amount_shipping, o.amount_tax, o.amount_paid, 0, 0, 0
    FROM orders o WHERE o.paid_on IS NOT NULL
"""
REFUND = """
    0, 0, 0, 0, 0, 0, 0, 1,
    (SELECT coalesce(sum(i.quantity), 0) FROM refund_item i WHERE i.refund_id = r.id), r.amount
    FROM refund r JOIN orders o ON o.id = r.order_id WHERE r.refunded_on IS NOT NULL
"""


def whole(dimension: str, key: str, also: str = "") -> str:
    """Return the facts of orders and refunds as wholes, under one key each."""
    return " UNION ALL ".join(
        f"SELECT '{dimension}', o.is_sandbox, o.currency, {day}, {key}, {values}{also}"
        for day, values in (("o.paid_on", SALE), ("r.refunded_on", REFUND))
    )


BY_PRODUCT = """
    SELECT 'product', o.is_sandbox, o.currency, o.paid_on, CAST(i.product_id AS VARCHAR(64)), 1,
        sum(i.quantity), sum(i.unit_amount * i.quantity), sum(i.amount_discount), 0,
        sum(i.tax_amount), sum(i.amount_total), 0, 0, 0
    FROM orders o JOIN order_item i ON i.order_id = o.id WHERE o.paid_on IS NOT NULL
    GROUP BY o.id, i.product_id
    UNION ALL
    SELECT 'product', o.is_sandbox, o.currency, r.refunded_on, CAST(i.product_id AS VARCHAR(64)),
        0, 0, 0, 0, 0, 0, 0, 1, sum(ri.quantity), sum(ri.amount)
    FROM orders o JOIN refund r ON r.order_id = o.id JOIN refund_item ri ON ri.refund_id = r.id
    JOIN order_item i ON i.id = ri.order_item_id WHERE r.refunded_on IS NOT NULL
    GROUP BY o.id, r.id, i.product_id
"""


def upgrade() -> None:
    money = [
        "amount_goods",
        "amount_discount",
        "amount_shipping",
        "amount_tax",
        "amount_sales",
    ]
    dimensions = sa.Enum(
        "total", "product", "country", "coupon", native_enum=False, create_constraint=False,
        length=24, name="dimension",
    )  # fmt: skip
    op.create_table(
        "sales_sum",
        sa.Column("dimension", dimensions, nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in money),
        sa.Column("refunds", sa.Integer(), nullable=False),
        sa.Column("pieces_refunded", sa.Integer(), nullable=False),
        sa.Column("amount_refunded", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "orders >= 0 AND pieces >= 0 AND refunds >= 0 AND pieces_refunded >= 0",
            name=op.f("ck_sales_sum_counts"),
        ),
        sa.CheckConstraint(
            "amount_goods >= 0 AND amount_discount >= 0 AND amount_shipping >= 0"
            " AND amount_tax >= 0 AND amount_sales >= 0 AND amount_refunded >= 0",
            name=op.f("ck_sales_sum_amounts"),
        ),
        sa.CheckConstraint(
            "dimension IN ('total', 'product', 'country', 'coupon')",
            name=op.f("ck_sales_sum_dimension"),
        ),
        sa.PrimaryKeyConstraint(
            "dimension", "is_sandbox", "currency", "day", "key", name=op.f("pk_sales_sum")
        ),
    )
    # No batch: SQLite adds and drops a column without rebuilding the table.
    op.add_column("shop_state", sa.Column("days_zone", sa.String(length=64), nullable=True))
    op.add_column("refund", sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("refund", sa.Column("refunded_on", sa.Date(), nullable=True))
    op.create_index(op.f("ix_refund_refunded_on"), "refund", ["refunded_on"])
    for name, table, what, where in INDEXES:
        op.create_index(
            name, table, [sa.text(what)], sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    date_facts()
    sum_facts()


def date_facts() -> None:
    """Give what counts its day in UTC, where it has none."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    # What is put together here, and below, are words of this module; no value comes from outside.
    day = "date({0})" if is_sqlite else "({0} AT TIME ZONE 'UTC')::date"
    op.execute(
        f"UPDATE refund SET refunded_at = updated_at, refunded_on = {day.format('updated_at')}"  # noqa: S608
        " WHERE state = 'succeeded' AND EXISTS (SELECT 1 FROM payment p"
        " WHERE p.id = refund.payment_id AND p.state = 'captured')"
    )
    op.execute(
        f"UPDATE orders SET paid_on = {day.format('paid_at')}"  # noqa: S608
        " WHERE paid_at IS NOT NULL AND paid_on IS NULL"
    )


def sum_facts() -> None:
    """Write the sums, each from the rows of the orders."""
    keys = "dimension, is_sandbox, currency, day, key"
    sums = ", ".join(f"sum({name})" for name in MEASURES.split(", "))
    named = f"fact ({keys}, {MEASURES})"
    coupon = " AND o.coupon_code <> ''"
    facts = " UNION ALL ".join(
        (
            whole("total", "''"),
            whole("country", "o.country"),
            whole("coupon", "o.coupon_code", coupon),
            BY_PRODUCT,
        )
    )
    op.execute(
        f"WITH {named} AS ({facts}) INSERT INTO sales_sum ({keys}, {MEASURES})"  # noqa: S608
        f" SELECT {keys}, {sums} FROM fact GROUP BY {keys}"
    )


def downgrade() -> None:
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table)
    op.drop_index(op.f("ix_refund_refunded_on"), "refund")
    op.drop_column("refund", "refunded_on")
    op.drop_column("refund", "refunded_at")
    op.drop_column("shop_state", "days_zone")
    op.drop_table("sales_sum")
