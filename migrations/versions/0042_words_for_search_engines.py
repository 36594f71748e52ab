"""Words of products for search engines.

Revision: 0042, after 0041
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

LENGTHS = {"seo_title": 120, "seo_description": 255}


def upgrade() -> None:
    # No batch: SQLite adds and drops a column without rebuilding the table.
    for name, length in LENGTHS.items():
        column = sa.Column(name, sa.String(length=length), server_default="", nullable=False)
        op.add_column("product", column)


def downgrade() -> None:
    for name in reversed(LENGTHS):
        op.drop_column("product", name)
