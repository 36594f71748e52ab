"""Mails about money that is awaited say of which attempt; those that still wait are told theirs.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JOB = sa.table("job", *map(sa.column, ("id", "name", "state")), sa.column("payload", sa.JSON))
ATTEMPT = sa.table("checkout_attempt", *map(sa.column, ("id", "order_id", "n")))


def upgrade() -> None:
    bind = op.get_bind()
    waiting = sa.select(JOB.c.id, JOB.c.payload).where(
        JOB.c.name == "mail.order_processing", JOB.c.state != "done"
    )
    for job_id, payload in bind.execute(waiting).all():
        newest = (
            sa.select(ATTEMPT.c.id)
            .where(ATTEMPT.c.order_id == payload["order_id"])
            .order_by(ATTEMPT.c.n.desc())
            .limit(1)
        )
        told = {"attempt_id": bind.scalar(newest), **payload}
        bind.execute(JOB.update().where(JOB.c.id == job_id).values(payload=told))


def downgrade() -> None:
    """Leave them: without the attempt they were about the same order."""
