"""What the home page is composed of.

Revision: 0037, after 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "home_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "hero",
                "categories",
                "pieces",
                "yours",
                "houses",
                "story",
                "promises",
                name="blockkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("picture", sa.String(length=64), nullable=False),
        sa.Column("picture_alt", sa.String(length=255), nullable=False),
        sa.Column("link_text", sa.String(length=120), nullable=False),
        sa.Column("link_url", sa.String(length=255), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "newest",
                "best",
                "collection",
                "category",
                name="piecesource",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("amount BETWEEN 0 AND 24", name=op.f("ck_home_block_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home_block")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_home_block_key", "home_block", ["is_live", "key"], unique=True)


def downgrade() -> None:
    op.drop_table("home_block")
