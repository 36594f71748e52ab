"""A series that counts order numbers; shops that have begun with MF- go on with it.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ORDERS = sa.table("orders", sa.column("number"))
STATE = sa.table("shop_state", sa.column("demo_seeded_at"))
SETTING = sa.table("setting", sa.column("key"), sa.column("value", sa.JSON))


def upgrade() -> None:
    op.create_table(
        "number_series",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last >= 0", name=op.f("ck_number_series_last")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_number_series")),
    )
    bind = op.get_bind()
    has_orders = bind.scalar(sa.select(sa.literal(1)).where(ORDERS.c.number.like("MF-%")).limit(1))
    is_demo = bind.scalar(sa.select(STATE.c.demo_seeded_at))
    if has_orders or is_demo:
        op.execute(SETTING.insert().values(key="order_prefix", value="MF-"))


def downgrade() -> None:
    op.execute(SETTING.delete().where(SETTING.c.key.in_(["order_prefix", "order_start"])))
    op.drop_table("number_series")
