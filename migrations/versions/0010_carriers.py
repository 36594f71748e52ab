"""Carriers with the patterns of their links are a table; delivery methods name their usual one.

Each pair of a carrier and a pattern that the methods name becomes a carrier. One that was named
without a pattern is the one of its name that has one. Patterns that could never lead to a parcel,
because they do not begin with https:// or have {number} not exactly once, are left out.

Revision: 0010, after 0009
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

from shop.core.schema_change import change_table

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

HTTPS = "tracking_url = '' OR substr(tracking_url, 1, 8) = 'https://'"
NUMBER = (
    "tracking_url = '' OR length(tracking_url) "
    "= length(replace(tracking_url, '{number}', '')) + length('{number}')"
)
METHOD = sa.table(
    "delivery_method", *map(sa.column, ("id", "name", "carrier", "tracking_url", "carrier_id"))
)
CARRIER = sa.table(
    "carrier", *map(sa.column, ("id", "name", "name_key", "tracking_url", "is_active"))
)

# As shop/catalog/text.py folds at this revision.
LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "œ": "oe", "æ": "ae", "ı": "i", "’": "'", "‘": "'"}
)
NOT_WORDS = re.compile(r"[^\w.+#-]+")


def upgrade() -> None:
    op.create_table(
        "carrier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=255), nullable=False),
        sa.Column("tracking_url", sa.String(length=255), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("name <> '' AND name_key <> ''", name=op.f("ck_carrier_name")),
        sa.CheckConstraint(HTTPS, name=op.f("ck_carrier_tracking_https")),
        sa.CheckConstraint(NUMBER, name=op.f("ck_carrier_tracking_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier")),
        sa.UniqueConstraint("name_key", name=op.f("uq_carrier_name_key")),
        sqlite_autoincrement=True,
    )
    op.add_column("delivery_method", sa.Column("carrier_id", sa.Integer(), nullable=True))
    fill_carriers(op.get_bind())
    with change_table("delivery_method") as batch:
        batch.create_foreign_key(
            op.f("fk_delivery_method_carrier_id_carrier"), "carrier", ["carrier_id"], ["id"]
        )
        batch.drop_column("carrier")
        batch.drop_column("tracking_url")
    with change_table("shipment") as batch:
        # An escaped number may be longer than a line.
        batch.alter_column("tracking_url", existing_type=sa.String(length=255), type_=sa.Text())


def fill_carriers(bind: sa.Connection) -> None:
    """Make the carriers that the methods name, and say which is whose."""
    carriers: dict[str, tuple[str, str]] = {}  # key: name, pattern
    whose: dict[int, str] = {}  # id of a method: key
    rows = bind.execute(sa.select(METHOD).order_by(METHOD.c.id)).all()
    for row in sorted(rows, key=lambda row: not pattern_of(row.tracking_url)):
        name, pattern = row.carrier or row.name, pattern_of(row.tracking_url)
        if row.carrier or pattern:
            whose[row.id] = enter(carriers, name, pattern)
    for key, (name, pattern) in carriers.items():
        values = {"name": name, "name_key": key, "tracking_url": pattern, "is_active": True}
        bind.execute(CARRIER.insert().values(values))
    ids = {row.name_key: row.id for row in bind.execute(sa.select(CARRIER))}
    for method_id, key in whose.items():
        bind.execute(
            METHOD.update().where(METHOD.c.id == method_id).values(carrier_id=ids[key])
        )


def enter(carriers: dict[str, tuple[str, str]], name: str, pattern: str) -> str:
    """Enter a carrier and return its key; where its name has another pattern it is numbered."""
    own, number = name, 1
    while carriers.setdefault(key_of(own), (own, pattern))[1] != pattern and pattern:
        number += 1
        own = f"{name[:110]} {number}"
    return key_of(own)


def pattern_of(text: str) -> str:
    return text if text.startswith("https://") and text.count("{number}") == 1 else ""


def key_of(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold().translate(LETTERS))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return NOT_WORDS.sub(" ", bare).strip() or name.casefold()


def downgrade() -> None:
    op.execute("UPDATE shipment SET tracking_url = '' WHERE length(tracking_url) > 255")
    with change_table("shipment") as batch:
        batch.alter_column("tracking_url", existing_type=sa.Text(), type_=sa.String(length=255))
    for name, length in (("carrier", 120), ("tracking_url", 255)):
        text = sa.String(length=length)
        op.add_column(
            "delivery_method", sa.Column(name, text, server_default="", nullable=False)
        )
    for name, source in (("carrier", "name"), ("tracking_url", "tracking_url")):
        op.execute(
            f"UPDATE delivery_method SET {name} = "  # noqa: S608 -- names of this file
            f"(SELECT carrier.{source} FROM carrier WHERE carrier.id = carrier_id) "
            "WHERE carrier_id IS NOT NULL"
        )
    with change_table("delivery_method") as batch:
        batch.drop_constraint(
            op.f("fk_delivery_method_carrier_id_carrier"), type_="foreignkey"
        )
        batch.drop_column("carrier_id")
        for name, length in (("carrier", 120), ("tracking_url", 255)):
            text = sa.String(length=length)
            batch.alter_column(name, existing_type=text, server_default=None)
    op.drop_table("carrier")
