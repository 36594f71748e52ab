"""A piece runs low at a level of its own; its ledger is read in order, a scanned code is found.

Revision: 0025, after 0024
"""

import sqlalchemy as sa
from alembic import op

from shop.core.schema_change import change_table

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

LEFT = "stock_on_hand - stock_reserved"
COUNTED = "is_active AND stock_policy = 'deny'"


def _index_what_is_left(name: str, only: str) -> None:
    where = sa.text(only)
    op.create_index(
        f"ix_product_variant_{name}",
        "product_variant",
        [sa.text(f"({LEFT})")],
        sqlite_where=where,
        postgresql_where=where,
    )


def upgrade() -> None:
    op.drop_index("ix_product_variant_left", "product_variant")
    with change_table("product_variant") as batch:
        batch.add_column(sa.Column("low_stock_level", sa.Integer(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_product_variant_low_stock_level"), "low_stock_level >= 0"
        )
    _index_what_is_left("left", f"{COUNTED} AND low_stock_level IS NULL")
    _index_what_is_left("low", f"{COUNTED} AND {LEFT} <= low_stock_level")
    op.create_index(op.f("ix_product_variant_barcode"), "product_variant", ["barcode"])
    op.create_index("ix_stock_movement_ledger", "stock_movement", ["variant_id", "id"])
    op.drop_index(op.f("ix_stock_movement_variant_id"), "stock_movement")


def downgrade() -> None:
    op.create_index(op.f("ix_stock_movement_variant_id"), "stock_movement", ["variant_id"])
    op.drop_index("ix_stock_movement_ledger", "stock_movement")
    for name in ("barcode", "low", "left"):
        op.drop_index(f"ix_product_variant_{name}", "product_variant")
    with change_table("product_variant") as batch:
        batch.drop_constraint(op.f("ck_product_variant_low_stock_level"), type_="check")
        batch.drop_column("low_stock_level")
    _index_what_is_left("left", COUNTED)
