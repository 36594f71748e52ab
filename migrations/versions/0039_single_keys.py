"""Everybody decides whether single keys act on the pages of staff.

Revision: 0039, after 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No batch: SQLite adds and drops a column without rebuilding the table.
    column = sa.Column("has_single_keys", sa.Boolean(), server_default=sa.true(), nullable=False)
    op.add_column("users", column)


def downgrade() -> None:
    op.drop_column("users", "has_single_keys")
