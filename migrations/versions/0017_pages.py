"""Texts that staff publish, which of them an order was placed under, and messages of visitors.

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "",
                "delivery",
                "returns",
                "payment",
                "contact",
                "imprint",
                "terms",
                "privacy",
                "withdrawal",
                name="pagerole",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column(
            "section",
            sa.Enum(
                "",
                "help",
                "legal",
                name="pagesection",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("slug <> '' AND title <> ''", name=op.f("ck_page_named")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
        sa.UniqueConstraint("slug", name=op.f("uq_page_slug")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_page_place", "page", ["section", "position", "id"])
    op.create_index(
        "uq_page_role",
        "page",
        ["role"],
        unique=True,
        sqlite_where=sa.text("role <> ''"),
        postgresql_where=sa.text("role <> ''"),
    )

    op.create_table(
        "page_slug",
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["page.id"], name=op.f("fk_page_slug_page_id_page"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_page_slug")),
    )
    op.create_index(op.f("ix_page_slug_page_id"), "page_slug", ["page_id"])

    op.create_table(
        "contact_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_token", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("email_key", sa.String(length=255), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["done_by_id"],
            ["users.id"],
            name=op.f("fk_contact_message_done_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_contact_message_user_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_message")),
        sa.UniqueConstraint("form_token", name=op.f("uq_contact_message_form_token")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_contact_message_done", "contact_message", ["done_at"])
    op.create_index("ix_contact_message_email", "contact_message", ["email_key"])
    op.create_index(
        "ix_contact_message_open",
        "contact_message",
        ["id"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(op.f("ix_contact_message_user_id"), "contact_message", ["user_id"])

    op.create_table(
        "page_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_page_version_number")),
        sa.ForeignKeyConstraint(
            ["page_id"], ["page.id"], name=op.f("fk_page_version_page_id_page")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_page_version_user_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_version")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_page_version_number", "page_version", ["page_id", "number"], unique=True)
    op.create_index(
        "uq_page_version_public",
        "page_version",
        ["page_id"],
        unique=True,
        sqlite_where=sa.text("is_public"),
        postgresql_where=sa.text("is_public"),
    )

    op.create_table(
        "order_text",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("page_version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_text_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["page_version_id"],
            ["page_version.id"],
            name=op.f("fk_order_text_page_version_id_page_version"),
        ),
        sa.PrimaryKeyConstraint("order_id", "page_version_id", name=op.f("pk_order_text")),
    )
    op.create_index(op.f("ix_order_text_page_version_id"), "order_text", ["page_version_id"])


def downgrade() -> None:
    for table in ("order_text", "page_version", "contact_message", "page_slug", "page"):
        op.drop_table(table)
