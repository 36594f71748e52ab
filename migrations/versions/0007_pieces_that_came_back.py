"""Order items know which refunded pieces had been sent, refund items which went back to stock.

Where more pieces were sent and refunded than were bought, the surplus had been sent and came back.
What followed from not knowing it is put right: orders that were called sent with pieces left, or
partly sent with none, and holds over more pieces than are left to send.

Revision: 0007, after 0006
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from shop.core.schema_change import change_table

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

RETURNED = (
    "quantity_returned BETWEEN 0 AND quantity_refunded AND quantity_returned <= quantity_shipped"
)
LEFT = "quantity_shipped + quantity_refunded - quantity_returned <= quantity"

# The newest refunds are those of the pieces that came back.
RETURNED_OF_REFUNDS = """
UPDATE refund_item SET quantity_returned = (
  SELECT CASE WHEN left_over <= 0 THEN 0 WHEN left_over > quantity THEN quantity ELSE left_over END
  FROM (
    SELECT mine.quantity AS quantity, item.quantity_returned - coalesce((
      SELECT sum(newer.quantity) FROM refund_item newer
      JOIN refund newer_refund ON newer_refund.id = newer.refund_id
      WHERE newer.order_item_id = mine.order_item_id AND newer.id > mine.id
        AND newer_refund.state NOT IN ('failed', 'canceled')
    ), 0) AS left_over
    FROM refund_item mine JOIN order_item item ON item.id = mine.order_item_id
    WHERE mine.id = refund_item.id
  ) AS found
)
WHERE refund_id IN (SELECT id FROM refund WHERE state NOT IN ('failed', 'canceled'))
  AND order_item_id IN (SELECT id FROM order_item WHERE quantity_returned > 0)
"""
LEFT_OF_ORDER = """
  SELECT sum(quantity - quantity_shipped - quantity_refunded + quantity_returned)
  FROM order_item WHERE order_item.order_id = orders.id
"""
CALLED_SENT = f"""
UPDATE orders SET fulfilment_status = 'partially_shipped'
WHERE fulfilment_status IN ('shipped', 'delivered') AND ({LEFT_OF_ORDER}) > 0
"""
CALLED_PARTLY_SENT = f"""
UPDATE orders SET fulfilment_status = 'shipped'
WHERE fulfilment_status = 'partially_shipped' AND ({LEFT_OF_ORDER}) = 0
"""
HELD_TOO_LONG = """
SELECT stock_hold.id, stock_hold.order_id, stock_hold.variant_id, stock_hold.quantity,
  sum(item.quantity - item.quantity_shipped - item.quantity_refunded + item.quantity_returned)
    AS left_to_send
FROM stock_hold
JOIN orders ON orders.id = stock_hold.order_id
JOIN order_item item
  ON item.order_id = stock_hold.order_id AND item.variant_id = stock_hold.variant_id
WHERE stock_hold.state = 'active' AND orders.payment_status IN ('paid', 'partially_refunded')
GROUP BY stock_hold.id, stock_hold.order_id, stock_hold.variant_id, stock_hold.quantity
HAVING stock_hold.quantity >
  sum(item.quantity - item.quantity_shipped - item.quantity_refunded + item.quantity_returned)
ORDER BY stock_hold.id
"""
# What an unsent piece was owed it never had: it is not to be put on the shelf now.
REFUNDED_UNSENT = sa.text("""
SELECT refund_item.id, refund_item.quantity_restocked,
  refund_item.quantity - refund_item.quantity_returned - refund_item.quantity_restocked AS unsent
FROM refund_item
JOIN refund ON refund.id = refund_item.refund_id
JOIN order_item item ON item.id = refund_item.order_item_id
WHERE item.order_id = :order_id AND item.variant_id = :variant_id
  AND refund.state NOT IN ('failed', 'canceled')
  AND refund_item.quantity - refund_item.quantity_returned > refund_item.quantity_restocked
ORDER BY refund_item.id
""")
REFUND_ITEM = sa.table("refund_item", sa.column("id"), sa.column("quantity_restocked"))
HOLD = sa.table(
    "stock_hold",
    *map(sa.column, ("id", "quantity", "state")),
    sa.column("closed_at", sa.DateTime(timezone=True)),
)
VARIANT = sa.table("product_variant", sa.column("id"), sa.column("stock_reserved"))
JOB = sa.table(
    "job",
    *map(sa.column, ("name", "dedupe_key", "state", "attempts", "error")),
    sa.column("payload", sa.JSON),
    sa.column("run_at", sa.DateTime(timezone=True)),
    sa.column("created_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    number = {"type_": sa.Integer(), "nullable": False, "server_default": "0"}
    op.add_column("order_item", sa.Column("quantity_returned", **number))
    op.add_column("refund_item", sa.Column("quantity_returned", **number))
    op.add_column("refund_item", sa.Column("quantity_restocked", **number))
    op.execute(
        "UPDATE order_item SET quantity_returned = quantity_shipped + quantity_refunded - quantity "
        "WHERE quantity_shipped + quantity_refunded > quantity"
    )
    op.execute(RETURNED_OF_REFUNDS)
    op.execute("UPDATE refund_item SET quantity_restocked = quantity WHERE is_restocked")
    op.execute(CALLED_SENT)
    op.execute(CALLED_PARTLY_SENT)
    shorten_holds()
    with change_table("order_item") as batch:
        batch.create_check_constraint(op.f("ck_order_item_returned"), RETURNED)
        batch.create_check_constraint(op.f("ck_order_item_left"), LEFT)
    with change_table("refund_item") as batch:
        batch.drop_column("is_restocked")
        for name in ("returned", "restocked"):
            condition = f"quantity_{name} BETWEEN 0 AND quantity"
            batch.create_check_constraint(op.f(f"ck_refund_item_{name}"), condition)


def shorten_holds() -> None:
    """Let orders be owed no more than is left to send; lists learn of it by a job."""
    bind, at = op.get_bind(), datetime.now(UTC)
    rows = bind.execute(sa.text(HELD_TOO_LONG)).all()
    for hold_id, order_id, variant_id, quantity, left in rows:
        values = {"quantity": left} if left else {"state": "released", "closed_at": at}
        bind.execute(HOLD.update().where(HOLD.c.id == hold_id).values(values))
        reserved = VARIANT.c.stock_reserved - (quantity - left)
        bind.execute(
            VARIANT.update().where(VARIANT.c.id == variant_id).values(stock_reserved=reserved)
        )
        count_as_owed_no_longer(bind, order_id, variant_id, quantity - left)
    if rows:
        bind.execute(
            JOB.insert().values(
                name="catalog.refresh_listings",
                payload={},
                dedupe_key="catalog.refresh_listings:0007",
                state="ready",
                run_at=at,
                attempts=0,
                error="",
                created_at=at,
            )
        )


def count_as_owed_no_longer(
    bind: sa.Connection, order_id: int, variant_id: int, pieces: int
) -> None:
    """Note beside refunded pieces that were not sent that nothing of them waits for the shelf."""
    of = {"order_id": order_id, "variant_id": variant_id}
    for row_id, counted, unsent in bind.execute(REFUNDED_UNSENT, of).all():
        more = min(unsent, pieces)
        pieces -= more
        mine = REFUND_ITEM.update().where(REFUND_ITEM.c.id == row_id)
        bind.execute(mine.values(quantity_restocked=counted + more))


def downgrade() -> None:
    column = sa.Column("is_restocked", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("refund_item", column)
    op.execute("UPDATE refund_item SET is_restocked = (quantity_restocked = quantity)")
    with change_table("refund_item") as batch:
        for name in ("returned", "restocked"):
            batch.drop_constraint(op.f(f"ck_refund_item_{name}"), type_="check")
            batch.drop_column(f"quantity_{name}")
        batch.alter_column("is_restocked", existing_type=sa.Boolean(), server_default=None)
    with change_table("order_item") as batch:
        for name in ("left", "returned"):
            batch.drop_constraint(op.f(f"ck_order_item_{name}"), type_="check")
        batch.drop_column("quantity_returned")
