"""Categories and brands have a version, as products do.

Revision: 0022, after 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = ("brand", "category")


def upgrade() -> None:
    # No batch: SQLite adds and drops a column without rebuilding the table.
    for table in TABLES:
        column = sa.Column("version", sa.Integer(), server_default="1", nullable=False)
        op.add_column(table, column)


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "version")
