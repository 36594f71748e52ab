"""Coupons have a version, as all that staff edit, and indexes for their desk.

Revision: 0023, after 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No batch: SQLite adds and drops a column without rebuilding the table.
    op.add_column("coupon", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index("ix_coupon_desk", "coupon", ["is_prize", "id"])
    op.create_index("ix_coupon_redemption_uses", "coupon_redemption", ["coupon_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_coupon_redemption_uses", "coupon_redemption")
    op.drop_index("ix_coupon_desk", "coupon")
    op.drop_column("coupon", "version")
