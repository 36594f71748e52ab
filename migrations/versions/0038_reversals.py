"""Entries of the trail know their desk, by an index, and which entry they take back.

Revision: 0038, after 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

CHUNK = 5_000  # rows at a time
FIRST_WORD = {
    "sqlite": "substr(action, 1, instr(action, '.') - 1)",
    "postgresql": "split_part(action, '.', 1)",
}


def upgrade() -> None:
    # No batch: SQLite adds and drops a column without rebuilding the table.
    desk = sa.Column("desk", sa.String(64), server_default="", nullable=False)
    op.add_column("audit_entry", desk)
    op.add_column("audit_entry", sa.Column("reverts_id", sa.Integer(), nullable=True))
    bind = op.get_bind()
    word = FIRST_WORD[bind.dialect.name]
    fill = sa.text(
        f"UPDATE audit_entry SET desk = {word} "  # noqa: S608 -- one of two texts above
        "WHERE id > :above AND id <= :last AND action LIKE '%.%'"
    )
    last = bind.scalar(sa.text("SELECT max(id) FROM audit_entry")) or 0
    for above in range(0, last, CHUNK):
        bind.execute(fill, {"above": above, "last": above + CHUNK})
    op.drop_index("ix_audit_entry_action", "audit_entry")
    op.create_index("ix_audit_entry_desk", "audit_entry", ["desk", "id"])
    op.create_index("ix_audit_entry_reverts", "audit_entry", ["reverts_id"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_audit_entry_reverts", "audit_entry")
    op.drop_index("ix_audit_entry_desk", "audit_entry")
    op.create_index("ix_audit_entry_action", "audit_entry", ["action", "id"])
    op.drop_column("audit_entry", "reverts_id")
    op.drop_column("audit_entry", "desk")
