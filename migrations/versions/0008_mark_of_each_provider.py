"""Each payment provider has its own mark up to which its news is known.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

from shop.core.schema_change import change_table

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PROVIDERS = ("stripe", "sandbox", "free", "manual")
# Whoever has taken money before was asked together with all others.
MARKS = """
INSERT INTO provider_state (provider, reconciled_until)
SELECT DISTINCT checkout_attempt.provider, shop_state.reconciled_until
FROM checkout_attempt, shop_state
WHERE checkout_attempt.provider <> 'free' AND shop_state.reconciled_until IS NOT NULL
"""
MARK = "UPDATE shop_state SET reconciled_until = (SELECT min(reconciled_until) FROM provider_state)"


def upgrade() -> None:
    op.create_table(
        "provider_state",
        sa.Column(
            "provider",
            sa.Enum(
                *PROVIDERS, name="provider", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("reconciled_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_state")),
    )
    op.execute(MARKS)
    with change_table("shop_state") as batch:
        batch.drop_column("reconciled_until")


def downgrade() -> None:
    op.add_column("shop_state", sa.Column("reconciled_until", sa.DateTime(timezone=True)))
    op.execute(MARK)
    op.drop_table("provider_state")
