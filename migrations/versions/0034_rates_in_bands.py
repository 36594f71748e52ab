"""What a method costs may depend on the bag's weight or worth, in bands.

Revision: 0034, after 0033
"""

import sqlalchemy as sa
from alembic import op

from shop.core.schema_change import change_table

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

RATES = sa.Enum("flat", "weight", "amount", name="rates", native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    with change_table("delivery_method") as batch:
        batch.add_column(sa.Column("rates", RATES, server_default="flat", nullable=False))
        batch.add_column(sa.Column("bands", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    with change_table("delivery_method") as batch:
        batch.drop_constraint(op.f("ck_delivery_method_rates"), type_="check")
        batch.drop_column("bands")
        batch.drop_column("rates")
