"""Variants, delivery methods, carriers, settings and orders have a version, as products do.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("carrier", "delivery_method", "orders", "product_variant", "setting")


def upgrade() -> None:
    # No batch: SQLite adds and drops a column without rebuilding the table.
    for table in TABLES:
        column = sa.Column("version", sa.Integer(), server_default="1", nullable=False)
        op.add_column(table, column)


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "version")
