"""A hold knows how many pieces customers have that never left the shelf for the order.

Revision: 0035, after 0034
"""

import sqlalchemy as sa
from alembic import op

from shop.core.schema_change import change_table

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# What paid orders are neither owed nor took from the shelf was sent as it was made. Once all money
# has gone back, what they were owed was let go, too: that is at most what is left to send.
FILL = """
UPDATE stock_hold SET quantity_made = found.made FROM (
  SELECT h.id, i.quantity - r.restocked + m.moved
    - CASE WHEN h.state = 'active' THEN h.quantity ELSE 0 END
    - CASE WHEN o.payment_status = 'refunded' THEN i.left_to_send ELSE 0 END AS made
  FROM stock_hold h
  JOIN orders o ON o.id = h.order_id
  JOIN (
    SELECT order_id, variant_id, SUM(quantity) AS quantity,
      SUM(quantity - quantity_shipped - quantity_refunded + quantity_returned) AS left_to_send
    FROM order_item GROUP BY order_id, variant_id HAVING SUM(quantity_shipped) > 0
  ) i ON i.order_id = h.order_id AND i.variant_id = h.variant_id
  JOIN (
    SELECT h.id, COALESCE(SUM(CASE WHEN f.state NOT IN ('failed', 'canceled')
      THEN ri.quantity_restocked ELSE 0 END), 0) AS restocked
    FROM stock_hold h
    LEFT JOIN order_item i ON i.order_id = h.order_id AND i.variant_id = h.variant_id
    LEFT JOIN refund_item ri ON ri.order_item_id = i.id
    LEFT JOIN refund f ON f.id = ri.refund_id
    GROUP BY h.id
  ) r ON r.id = h.id
  JOIN (
    SELECT h.id, COALESCE(SUM(s.quantity), 0) AS moved
    FROM stock_hold h
    LEFT JOIN stock_movement s ON s.order_id = h.order_id AND s.variant_id = h.variant_id
    GROUP BY h.id
  ) m ON m.id = h.id
  WHERE o.paid_at IS NOT NULL
) AS found WHERE found.id = stock_hold.id AND found.made > 0
"""


def upgrade() -> None:
    with change_table("stock_hold") as batch:
        batch.add_column(
            sa.Column("quantity_made", sa.Integer(), server_default="0", nullable=False)
        )
        batch.create_check_constraint(op.f("ck_stock_hold_quantity_made"), "quantity_made >= 0")
    op.execute(FILL)


def downgrade() -> None:
    with change_table("stock_hold") as batch:
        batch.drop_constraint(op.f("ck_stock_hold_quantity_made"), type_="check")
        batch.drop_column("quantity_made")
