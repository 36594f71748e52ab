"""Whether a way to pay was ever chosen is told by an index; words of orders on PostgreSQL, too.

Revision: 0041, after 0040
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

# As in revision 0001: without the extension the texts are read from end to end.
TRIGRAMS = """
DO $$ BEGIN
    CREATE INDEX ix_orders_trigrams ON orders USING gin (search_text gin_trgm_ops);
    CREATE INDEX ix_orders_email_trigrams ON orders USING gin (email_key gin_trgm_ops);
EXCEPTION WHEN undefined_object THEN
    RAISE NOTICE 'no index of trigrams: %', SQLERRM;
END $$
"""


def upgrade() -> None:
    op.create_index("ix_checkout_attempt_provider", "checkout_attempt", ["provider", "order_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text(TRIGRAMS))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX IF EXISTS ix_orders_trigrams")
        op.execute("DROP INDEX IF EXISTS ix_orders_email_trigrams")
    op.drop_index("ix_checkout_attempt_provider", "checkout_attempt")
