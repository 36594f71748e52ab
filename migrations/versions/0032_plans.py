"""Products go on sale and off at a moment, and prices are reduced for a time.

Revision: 0032, after 0031
"""

import sqlalchemy as sa
from alembic import op

from shop.core.schema_change import change_table

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

MOMENTS = ("on_sale_at", "off_sale_at", "due_at")
CHECKS = {
    "sale": "(sale_amount IS NULL) = (sale_since IS NULL)",
    "sale_amount": "sale_amount IS NULL OR sale_amount >= 0",
    "sale_until": "sale_until IS NULL OR (sale_since IS NOT NULL AND sale_until > sale_since)",
    "sale_before": "sale_before IS NULL OR (sale_amount IS NOT NULL AND sale_before > sale_amount)",
}


def upgrade() -> None:
    with change_table("product") as batch:
        for name in MOMENTS:
            batch.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    is_planned = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_product_due",
        "product",
        ["due_at"],
        sqlite_where=is_planned,
        postgresql_where=is_planned,
    )
    with change_table("product_variant") as batch:
        for name in ("sale_amount", "sale_before", "sale_before_compare"):
            batch.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
        for name in ("sale_since", "sale_until"):
            batch.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        for name, condition in CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_product_variant_{name}"), condition)


def downgrade() -> None:
    with change_table("product_variant") as batch:
        for name in CHECKS:
            batch.drop_constraint(op.f(f"ck_product_variant_{name}"), type_="check")
        for name in ("sale_amount", "sale_before", "sale_before_compare", "sale_since"):
            batch.drop_column(name)
        batch.drop_column("sale_until")
    op.drop_index("ix_product_due", "product")
    with change_table("product") as batch:
        for name in MOMENTS:
            batch.drop_column(name)
