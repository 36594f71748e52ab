"""E-mail addresses of one spelling: domains as IDNA 2008 A-labels, keys that merge no mailboxes.

Until now a key was NFKC and casefold of the whole address: anna@straße.de had the key of
anna@strasse.de, which is somebody else's. What became one address is told apart again; accounts
that turn out to have the same address keep all they have, and all but one get a key that nobody
can type. Both are printed, and `flask doctor` goes on showing them.

Revision: 0004, after 0003
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator

import idna
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

users = sa.table(
    "users", sa.column("id"), sa.column("email"), sa.column("email_key"),
    sa.column("email_verified_at"),
)  # fmt: skip
orders = sa.table(
    "orders", sa.column("id"), sa.column("number"), sa.column("email"), sa.column("email_key"),
    sa.column("user_id"),
)  # fmt: skip
uses = sa.table("coupon_redemption", sa.column("order_id"), sa.column("email_key"))
coupons = sa.table("coupon", sa.column("id"), sa.column("code"), sa.column("holder_key"))
mails = sa.table("mail_message", sa.column("id"), sa.column("to_address"))

Spell = Callable[[str], str]
UPPER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
LONGEST = 255


def upgrade() -> None:
    move(written=to_ascii, key=exact_key, before=folded_key)


def downgrade() -> None:
    move(written=to_unicode, key=folded_key, before=exact_key)


def to_ascii(address: str) -> str:
    """Return the address with its domain as A-labels; as it is, where that cannot be."""
    local, at, domain = address.rpartition("@")
    try:
        ascii_domain = idna.encode(domain, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        return address
    changed = f"{unicodedata.normalize('NFC', local)}{at}{ascii_domain}"
    return changed if len(changed) <= LONGEST else address


def to_unicode(address: str) -> str:
    """Return the address with its domain in the letters of its language, as it was written."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):
        return address


def exact_key(address: str) -> str:
    return to_ascii(address).strip().translate(UPPER)


def folded_key(address: str) -> str:
    return unicodedata.normalize("NFKC", to_unicode(address)).strip().casefold()[:LONGEST]


def move(*, written: Spell, key: Spell, before: Spell) -> None:
    """Give every row its address as `written` and its new `key`; `before`: what the key was."""
    moved: dict[str, set[str]] = defaultdict(set)  # key before → keys now
    for table in (users, orders):
        for row in affected(table, table.c.email):
            moved[before(row.email)].add(key(row.email))
    tell_mixed_orders(key, before)
    move_users(written, key)
    for row in affected(orders, orders.c.email):
        change(orders, orders.c.id == row.id, email=written(row.email), email_key=key(row.email))
        change(uses, uses.c.order_id == row.id, email_key=key(row.email))
    for row in affected(mails, mails.c.to_address):
        change(mails, mails.c.id == row.id, to_address=written(row.to_address))
    move_coupons(moved, key)


def affected(table: sa.TableClause, column: sa.ColumnClause) -> list[sa.Row]:
    """Return the rows whose address is not the same in both spellings."""
    rows = op.get_bind().execute(sa.select(table).order_by(*list(table.c)[:1]))
    name = column.name
    return [row for row in rows if is_affected(getattr(row, name) or "")]


def is_affected(address: str) -> bool:
    return not address.isascii() or "xn--" in address.lower()


def change(table: sa.TableClause, which: sa.ColumnElement[bool], **values: str) -> None:
    op.get_bind().execute(sa.update(table).where(which).values(**values))


def move_users(written: Spell, key: Spell) -> None:
    """Move the accounts; of several with one address the proven or the oldest one has the key."""
    found = sorted(
        affected(users, users.c.email), key=lambda row: (row.email_verified_at is None, row.id)
    )
    for row in found:
        change(users, users.c.id == row.id, email_key=f"{key(row.email)[:230]}#{row.id}")
    for row in found:
        wanted = key(row.email)
        owner = op.get_bind().scalar(sa.select(users.c.id).where(users.c.email_key == wanted))
        change(users, users.c.id == row.id, email=written(row.email))
        if owner is None:
            change(users, users.c.id == row.id, email_key=wanted)
        else:
            tell(f"account {row.id} has the address of account {owner}, {wanted}: it cannot sign in")


def move_coupons(moved: dict[str, set[str]], key: Spell) -> None:
    """Move who a coupon is for. Only the key of the holder is known, which may mean several."""
    held = sa.select(coupons).where(coupons.c.holder_key != "").order_by(coupons.c.id)
    for row in op.get_bind().execute(held).all():
        holder = row.holder_key
        meant = set(moved.get(holder, ()))
        if meant and holder.isascii() and is_known(holder):
            meant.add(holder)
        if len(meant) > 1:
            tell(f"coupon {row.code} is for {holder}, which may be {' or '.join(sorted(meant))}")
            continue
        now = meant.pop() if meant else key(holder) if is_affected(holder) else holder
        if now != holder:
            change(coupons, coupons.c.id == row.id, holder_key=now)


def is_known(key: str) -> bool:
    """Return whether somebody has written exactly this address."""
    return any(
        row.email.isascii()
        for table in (users, orders)
        for row in op.get_bind().execute(sa.select(table).where(table.c.email_key == key)).all()
    )


def tell_mixed_orders(key: Spell, before: Spell) -> None:
    """Print the orders of accounts that had their key, but not their address."""
    for number, order, user_id, user in mixed_orders():
        if before(order) == before(user) and key(order) != key(user):
            tell(f"order {number} of {order} is shown to account {user_id}, {user}")


def mixed_orders() -> Iterator[tuple[str, str, int, str]]:
    both = sa.select(orders.c.number, orders.c.email, users.c.id, users.c.email.label("theirs"))
    joined = both.join_from(orders, users, orders.c.user_id == users.c.id)
    rows = joined.where(orders.c.email != users.c.email, orders.c.email != "")
    for number, order, user_id, user in op.get_bind().execute(rows).all():
        if is_affected(order) or is_affected(user):
            yield number, order, user_id, user


def tell(sentence: str) -> None:
    print(f"E-mail addresses: {sentence}.")
