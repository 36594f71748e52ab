"""Orders and their lines carry the folded text that they are found by, as products do.

Revision: 0006, after 0005
"""

import re
import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CHUNK = 500
ORDERS = sa.table(
    "orders", *map(sa.column, ("id", "number", "customer_name", "email", "search_text"))
)
LINES = sa.table(
    "order_item", *map(sa.column, ("id", "order_id", "product_name", "sku", "search_text"))
)

# As shop/catalog/text.py folds at this revision.
LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "œ": "oe", "æ": "ae", "ı": "i", "’": "'", "‘": "'"}
)
NOT_WORDS = re.compile(r"[^\w.+#-]+")


def upgrade() -> None:
    # No batch: SQLite adds and drops a column without rebuilding the table.
    for table in ("orders", "order_item"):
        column = sa.Column("search_text", sa.Text(), server_default="", nullable=False)
        op.add_column(table, column)
    bind = op.get_bind()
    for rows in in_chunks(bind, LINES):
        write(bind, LINES, [(row.id, fold(f"{row.product_name} {row.sku}")) for row in rows])
    for rows in in_chunks(bind, ORDERS):
        skus: dict[int, list[str]] = {row.id: [] for row in rows}
        lines = sa.select(LINES.c.order_id, LINES.c.sku).order_by(LINES.c.id)
        for line in bind.execute(lines.where(LINES.c.order_id.in_(skus))):
            skus[line.order_id].append(line.sku)
        write(
            bind,
            ORDERS,
            [
                (row.id, fold(" ".join([row.number, row.customer_name, row.email, *skus[row.id]])))
                for row in rows
                if row.email  # of an anonymised order nobody is found
            ],
        )


def downgrade() -> None:
    op.drop_column("order_item", "search_text")
    op.drop_column("orders", "search_text")


def in_chunks(bind: sa.Connection, table: sa.TableClause) -> Iterator[list[sa.Row]]:
    last = 0
    columns = [column for column in table.c if column.name != "search_text"]
    while rows := bind.execute(
        sa.select(*columns).where(table.c.id > last).order_by(table.c.id).limit(CHUNK)
    ).all():
        yield list(rows)
        last = rows[-1].id


def write(bind: sa.Connection, table: sa.TableClause, texts: list[tuple[int, str]]) -> None:
    change = table.update().where(table.c.id == sa.bindparam("of"))
    values = [{"of": row_id, "text": text} for row_id, text in texts]
    if values:
        bind.execute(change.values(search_text=sa.bindparam("text")), values)


def fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return NOT_WORDS.sub(" ", bare).strip()
