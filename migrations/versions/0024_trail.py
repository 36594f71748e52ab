"""The trail is read by person, by action and by day, each by an index.

Revision: 0024, after 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INDEXES = {"user": "user_id", "action": "action", "created": "created_at"}


def upgrade() -> None:
    for name, column in INDEXES.items():
        op.create_index(f"ix_audit_entry_{name}", "audit_entry", [column, "id"])


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(f"ix_audit_entry_{name}", "audit_entry")
