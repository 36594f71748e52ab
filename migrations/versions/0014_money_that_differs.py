"""Orders for which money came that differs wait for staff, as those of today do.

Until then they could still be paid, and whoever had looked at them took them off the desk. A page
that is open yet is ended by a job. What was ordered lies in the bag still: it is no longer the
order's, so that nothing is put there a second time.

Revision: 0014, after 0013
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

IS_UNDECIDED = (
    "id IN (SELECT order_id FROM payment WHERE state = 'mismatch' AND amount_refunded < amount)"
)
OPEN_PAGES = f"""
SELECT checkout_attempt.id FROM checkout_attempt
JOIN (SELECT id AS order_id FROM orders WHERE payment_status = 'pending' AND {IS_UNDECIDED})
  AS undecided ON undecided.order_id = checkout_attempt.order_id
WHERE checkout_attempt.state IN ('creating', 'open', 'unknown')
"""  # noqa: S608 -- words of this file
UNDER_REVIEW = f"""
UPDATE orders SET payment_status = 'processing', cart_id = NULL
WHERE payment_status = 'pending' AND {IS_UNDECIDED}
"""  # noqa: S608
ON_THE_DESK = f"UPDATE orders SET attention = 'mismatch' WHERE {IS_UNDECIDED}"  # noqa: S608
JOB = sa.table(
    "job",
    *map(sa.column, ("name", "dedupe_key", "state", "attempts", "error")),
    sa.column("payload", sa.JSON),
    sa.column("run_at", sa.DateTime(timezone=True)),
    sa.column("created_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    bind, at = op.get_bind(), datetime.now(UTC)
    for (attempt_id,) in bind.execute(sa.text(OPEN_PAGES)).all():
        bind.execute(
            JOB.insert().values(
                name="orders.end_page",
                payload={"attempt_id": attempt_id},
                dedupe_key=f"orders.end_page:{attempt_id}",
                state="ready",
                run_at=at,
                attempts=0,
                error="",
                created_at=at,
            )
        )
    op.execute(UNDER_REVIEW)
    op.execute(ON_THE_DESK)


def downgrade() -> None:
    """Leave them before staff: that they can be paid a second time is nothing to go back to."""
