"""Who buys is a row: accounts, guests by their address, and what each has bought in all.

Revision: 0029, after 0028
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

CHUNK = 500
AMONG = {
    "guest": "user_id IS NULL",
    "account": "user_id IS NOT NULL",
    "business": "is_business",
    "blocked": "is_blocked",
}
# As shop/catalog/text.py folds at this revision.
LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "œ": "oe", "æ": "ae", "ı": "i", "’": "'", "‘": "'"}
)
NOT_WORDS = re.compile(r"[^\w.+#-]+")

# The newest order of each account, and of each address among the orders without one.
NEWEST = """
    SELECT o.id, o.user_id, o.email, o.email_key, o.customer_name, o.placed_at,
        (o.company <> '' OR o.vat_id <> '') AS is_business,
        row_number() OVER (
            PARTITION BY o.user_id, CASE WHEN o.user_id IS NULL THEN o.email_key END
            ORDER BY o.placed_at DESC, o.id DESC
        ) AS nth
    FROM orders o WHERE o.user_id IS NOT NULL OR o.email_key <> ''
"""
COLUMNS = (
    "key, user_id, email, name, search_text, last_order_id, active_at, is_business, is_blocked,"
    " created_at"
)
CUSTOMER = sa.table(
    "customer", *map(sa.column, ("id", "email", "name", "last_order_id", "search_text"))
)
ORDERS = sa.table("orders", *map(sa.column, ("id", "email", "customer_name")))


def upgrade() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("last_order_id", sa.Integer(), nullable=True),
        sa.Column("active_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_business", sa.Boolean(), nullable=False),
        sa.Column("is_blocked", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["last_order_id"],
            ["orders.id"],
            name=op.f("fk_customer_last_order_id_orders"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_customer_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("key", name=op.f("uq_customer_key")),
        sa.UniqueConstraint("user_id", name=op.f("uq_customer_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "customer_sum",
        sa.Column("customer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("amount_sales", sa.BigInteger(), nullable=False),
        sa.Column("amount_refunded", sa.BigInteger(), nullable=False),
        sa.Column("amount_net", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount_net = amount_sales - amount_refunded", name=op.f("ck_customer_sum_net")
        ),
        sa.CheckConstraint("orders > 0", name=op.f("ck_customer_sum_counts")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_sum_customer_id_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "is_sandbox", "currency", name=op.f("pk_customer_sum")
        ),
    )
    op.create_table(
        "customer_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_note_customer_id_customer"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_customer_note_user_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_note")),
        sqlite_autoincrement=True,
    )
    find_customers()
    fold_names()
    sum_lifetimes()
    op.create_index(op.f("ix_customer_last_order_id"), "customer", ["last_order_id"])
    op.create_index("ix_customer_active", "customer", ["active_at", "id"])
    for name, where in AMONG.items():
        op.create_index(
            f"ix_customer_{name}",
            "customer",
            ["active_at", "id"],
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_index(
        "ix_customer_sum_net",
        "customer_sum",
        ["is_sandbox", "currency", "amount_net", "customer_id"],
    )
    op.create_index(op.f("ix_customer_note_customer_id"), "customer_note", ["customer_id"])


def downgrade() -> None:
    op.drop_table("customer_note")
    op.drop_table("customer_sum")
    op.drop_table("customer")


def find_customers() -> None:
    """Write a row for each account and each address that ordered without one."""
    # What is put together here, and below, are words of this module; no value comes from outside.
    op.execute(
        f"WITH newest AS ({NEWEST}) INSERT INTO customer ({COLUMNS})"  # noqa: S608
        " SELECT CAST(u.id AS VARCHAR(255)), u.id, u.email,"
        " CASE WHEN u.name <> '' THEN u.name ELSE coalesce(n.customer_name, '') END, '', n.id,"
        " coalesce(n.placed_at, u.created_at), coalesce(n.is_business, false), NOT u.is_active,"
        " u.created_at"
        " FROM users u LEFT JOIN newest n ON n.user_id = u.id AND n.nth = 1"
    )
    op.execute(
        f"WITH newest AS ({NEWEST}) INSERT INTO customer ({COLUMNS})"  # noqa: S608
        " SELECT n.email_key, NULL, n.email, n.customer_name, '', n.id, n.placed_at,"
        " n.is_business, false, n.placed_at"
        " FROM newest n WHERE n.user_id IS NULL AND n.nth = 1"
    )


def sum_lifetimes() -> None:
    """Write what each has bought, each kind of money by itself."""
    op.execute(
        "INSERT INTO customer_sum (customer_id, is_sandbox, currency, orders, amount_sales,"
        " amount_refunded, amount_net)"
        " SELECT c.id, o.is_sandbox, o.currency, count(*), sum(o.amount_paid),"
        " sum(o.amount_refunded), sum(o.amount_paid - o.amount_refunded)"
        " FROM orders o JOIN customer c ON c.key ="
        " CASE WHEN o.user_id IS NOT NULL THEN CAST(o.user_id AS VARCHAR(255)) ELSE o.email_key END"
        " WHERE o.paid_on IS NOT NULL GROUP BY c.id, o.is_sandbox, o.currency"
    )


def fold_names() -> None:
    """Write what staff find each by: name and address, and those of the last order."""
    bind, last = op.get_bind(), 0
    rows = (
        sa.select(
            CUSTOMER.c.id,
            CUSTOMER.c.name,
            CUSTOMER.c.email,
            ORDERS.c.customer_name,
            ORDERS.c.email.label("other"),
        )
        .select_from(CUSTOMER.outerjoin(ORDERS, ORDERS.c.id == CUSTOMER.c.last_order_id))
        .order_by(CUSTOMER.c.id)
        .limit(CHUNK)
    )
    change = CUSTOMER.update().where(CUSTOMER.c.id == sa.bindparam("of"))
    while found := bind.execute(rows.where(CUSTOMER.c.id > last)).all():
        values = [
            {
                "of": row.id,
                "text": fold(
                    " ".join(
                        dict.fromkeys(
                            word
                            for word in (row.name, row.customer_name, row.email, row.other)
                            if word
                        )
                    )
                ),
            }
            for row in found
        ]
        bind.execute(change.values(search_text=sa.bindparam("text")), values)
        last = found[-1].id


def fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return NOT_WORDS.sub(" ", bare).strip()
