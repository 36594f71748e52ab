"""Orders carry the language they were made in beside their region; no terms were ever accepted.

Revision: 0002, after 0001

Orders said "en" for both; what they were written in is the merchant's locale. The time at which
terms were accepted is that of the order: no page has shown any, so it is emptied and stays so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ORDERS = sa.table("orders", sa.column("locale"), sa.column("terms_accepted_at"))
SETTING = sa.table("setting", sa.column("key"), sa.column("value", sa.JSON))


def upgrade() -> None:
    # No batch: SQLite adds and drops a column without rebuilding the table.
    op.add_column(
        "orders", sa.Column("language", sa.String(length=16), server_default="en", nullable=False)
    )
    chosen = sa.select(SETTING.c.value).where(SETTING.c.key == "locale")
    locale = op.get_bind().scalar(chosen) or "en_IE"
    op.execute(ORDERS.update().where(ORDERS.c.locale == "en").values(locale=locale))
    op.execute(
        ORDERS.update().where(ORDERS.c.terms_accepted_at.is_not(None)).values(terms_accepted_at=None)
    )


def downgrade() -> None:
    op.execute(ORDERS.update().values(locale="en"))
    op.drop_column("orders", "language")
