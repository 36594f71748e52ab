"""How many visitors came how far on each day.

Revision: 0026, after 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    stage = sa.Enum(
        "seen", "bag", "checkout", native_enum=False, create_constraint=False,
        length=24, name="visitstage",
    )  # fmt: skip
    known = "stage IN ('seen', 'bag', 'checkout')"
    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stage", stage, nullable=False),
        sa.Column("visitor", sa.String(32), nullable=False),
        sa.CheckConstraint(known, name=op.f("ck_visit_visitstage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("day", "stage", "visitor", name=op.f("uq_visit_day_stage_visitor")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "visit_salt",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_visit_salt")),
    )
    op.create_table(
        "visit_sum",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stage", stage, nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.CheckConstraint(known, name=op.f("ck_visit_sum_visitstage")),
        sa.CheckConstraint("visitors > 0", name=op.f("ck_visit_sum_visitors")),
        sa.PrimaryKeyConstraint("day", "stage", name=op.f("pk_visit_sum")),
    )


def downgrade() -> None:
    for table in ("visit_sum", "visit_salt", "visit"):
        op.drop_table(table)
