"""Collections; pictures and words for search engines of categories and brands.

Revision: 0036, after 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLES = ("brand", "category")
LENGTHS = {"picture": 64, "picture_alt": 255, "seo_title": 120, "seo_description": 255}


def look() -> list[sa.Column[str]]:
    return [
        sa.Column(name, sa.String(length=length), server_default="", nullable=False)
        for name, length in LENGTHS.items()
    ]


def upgrade() -> None:
    # No batch: SQLite adds and drops a column without rebuilding the table.
    for table in TABLES:
        for column in look():
            op.add_column(table, column)
    op.create_table(
        "collection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "hand",
                "rule",
                name="collectionkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("in_menu", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        *look(),
        sa.CheckConstraint("slug <> '' AND name <> ''", name=op.f("ck_collection_named")),
        sa.CheckConstraint(
            "length(CAST(rule AS TEXT)) <= 1000", name=op.f("ck_collection_rule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection")),
        sa.UniqueConstraint("slug", name=op.f("uq_collection_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "collection_product",
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["collection.id"],
            name=op.f("fk_collection_product_collection_id_collection"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_collection_product_product_id_product")
        ),
        sa.PrimaryKeyConstraint("collection_id", "product_id", name=op.f("pk_collection_product")),
    )
    op.create_index(
        "ix_collection_product_place", "collection_product", ["collection_id", "position"]
    )
    op.create_index(
        op.f("ix_collection_product_product_id"), "collection_product", ["product_id"]
    )
    # Counted catalogues say more from here on: the job counts again within seconds.
    op.execute("UPDATE facet_index SET list_stamp = 0")


def downgrade() -> None:
    op.drop_table("collection_product")
    op.drop_table("collection")
    for table in TABLES:
        for name in LENGTHS:
            op.drop_column(table, name)
