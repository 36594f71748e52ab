"""The inbox takes messages of any sender, of payment providers and others.

Revision: 0015, after 0014
"""

from alembic import op

from shop.core.schema_change import change_table

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CHECK = "ck_webhook_event_provider"
BEFORE = "provider IN ('stripe', 'sandbox', 'free', 'manual')"


def upgrade() -> None:
    with change_table("webhook_event") as batch:
        batch.drop_constraint(op.f(CHECK), type_="check")


def downgrade() -> None:
    op.execute(f"DELETE FROM webhook_event WHERE NOT ({BEFORE})")  # noqa: S608
    with change_table("webhook_event") as batch:
        batch.create_check_constraint(op.f(CHECK), BEFORE)
