"""Mails are found by the address that they went to.

Revision: 0043, after 0042
"""

from string import ascii_lowercase, ascii_uppercase

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

INDEX = "ix_mail_message_to_key"


def upgrade() -> None:
    # No batch: SQLite adds and drops a column without rebuilding the table.
    column = sa.Column("to_key", sa.String(length=255), server_default="", nullable=False)
    op.add_column("mail_message", column)
    # Letters A-Z alone are folded: those of other alphabets may be another mailbox. SQLite's own
    # lower() knows no others; that of PostgreSQL does.
    folded = "lower(to_address)"
    if op.get_bind().dialect.name == "postgresql":
        folded = f"translate(to_address, '{ascii_uppercase}', '{ascii_lowercase}')"
    op.execute(f"UPDATE mail_message SET to_key = {folded}")
    op.create_index(INDEX, "mail_message", ["to_key", "id"])


def downgrade() -> None:
    op.drop_index(INDEX, "mail_message")
    op.drop_column("mail_message", "to_key")
