"""A message of the payment provider names the payment that it is about.

Revision: 0040, after 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

CHUNK = 1_000  # rows at a time
NAMED = {
    "sqlite": "json_extract(payload, '$.data.object.payment_intent')",
    "postgresql": "payload #>> '{data,object,payment_intent}'",
}


def upgrade() -> None:
    # No batch: SQLite adds and drops a column without rebuilding the table.
    column = sa.Column("payment_intent", sa.String(255), server_default="", nullable=False)
    op.add_column("webhook_event", column)
    bind = op.get_bind()
    named = NAMED[bind.dialect.name]
    fill = sa.text(
        f"UPDATE webhook_event SET payment_intent = {named} "  # noqa: S608 -- one of two texts above
        f"WHERE id > :above AND id <= :last AND length({named}) BETWEEN 1 AND 255"
    )
    last = bind.scalar(sa.text("SELECT max(id) FROM webhook_event")) or 0
    for above in range(0, last, CHUNK):
        bind.execute(fill, {"above": above, "last": above + CHUNK})
    op.create_index("ix_webhook_event_payment_intent", "webhook_event", ["payment_intent"])


def downgrade() -> None:
    op.drop_index("ix_webhook_event_payment_intent", "webhook_event")
    op.drop_column("webhook_event", "payment_intent")
