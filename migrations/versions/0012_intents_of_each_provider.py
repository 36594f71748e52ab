"""What a provider calls a payment is its own: another one may use the same words.

Revision: 0012, after 0011
"""

from shop.core.schema_change import change_table

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OLD, NEW = "uq_payment_payment_intent", "uq_payment_provider_payment_intent"


def upgrade() -> None:
    with change_table("payment") as batch:
        batch.drop_constraint(OLD, type_="unique")
        batch.create_unique_constraint(NEW, ["provider", "payment_intent"])


def downgrade() -> None:
    with change_table("payment") as batch:
        batch.drop_constraint(NEW, type_="unique")
        batch.create_unique_constraint(OLD, ["payment_intent"])
