"""The shop's logo, for light and for dark ground.

Revision: 0028, after 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

THEMES = ("light", "dark")


def upgrade() -> None:
    op.create_table(
        "logo",
        sa.Column(
            "theme",
            sa.Enum(
                *THEMES, name="logotheme", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("picture", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("theme", name=op.f("pk_logo")),
    )


def downgrade() -> None:
    op.drop_table("logo")
