"""Revision 0004: addresses that were once taken for one are told apart, and nobody loses a row."""

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from shop.core.config import ROOT
from shop.core.db import Base, changed, db, transaction
from shop.models import Coupon, CouponRedemption, MailMessage, Order, User
from shop.operations.addresses_check import check_addresses
from tests.conftest import both_engines
from tests.coupons.kit import apply, coupon
from tests.factories import make_product, make_user
from tests.orders import kit

MIGRATIONS = str(ROOT / "migrations")
# What the shop of revision 0001 wrote: the address, and NFKC and casefold of it as its key.
BEFORE, REVISION = "0003", "0004"
PEOPLE = [
    ("anna@straße.de", "anna@strasse.de"),
    ("Bo@Müller.de", "bo@müller.de"),
    ("Élodie@example.com", "élodie@example.com"),
    ("plain@example.com", "plain@example.com"),
    ("twin@xn--mller-kva.de", "twin@xn--mller-kva.de"),
    ("twin@müller.de", "twin@müller.de"),
]
KEYS = ["anna@xn--strae-oqa.de", "bo@xn--mller-kva.de", "Élodie@example.com", "plain@example.com"]


def column(table: type, name: str) -> list[str]:
    """Return a column, in the order of the ids. A revision in between has no other columns."""
    db.session.close()
    order = sa.column("id")
    found = list(db.session.scalars(sa.select(getattr(table, name)).order_by(order)))
    db.session.close()  # whoever reads a table keeps others from altering it
    return found


def write(table: type[Base], row_id: int, **values: object) -> None:
    changed(sa.update(table).where(sa.column("id") == row_id).values(**values))


def fill() -> None:
    """People, an order of a neighbour, an order with a coupon, a coupon for one holder, a mail."""
    kit.open_shop()
    for n in range(len(PEOPLE)):
        make_user(f"person-{n}@example.org")
    product = make_product()
    coupon("HOLDER", holder_key="anna@strasse.de")
    coupon("OPEN")
    kit.place(kit.fill_cart(product), email="anna@strasse.de")
    cart_id = kit.fill_cart(product)
    apply(cart_id, "OPEN")
    kit.place(cart_id, email="person@example.org")
    with transaction() as session:
        session.add(
            MailMessage(
                kind="m", dedupe_key="m", message_id="m", subject="s", to_address="anna@straße.de"
            )
        )


def spell_as_before() -> None:
    """Write addresses and keys as the shop of revision 0001 did."""
    with transaction():
        for row_id, (email, key) in enumerate(PEOPLE, 1):
            write(User, row_id, email=email, email_key=key)
        write(Order, 1, user_id=1)  # adopted, because the keys were the same
        write(Order, 2, email="Anna@Straße.de", email_key="anna@strasse.de")
        changed(sa.update(CouponRedemption).values(email_key="anna@strasse.de"))


@both_engines
@pytest.mark.no_audit("writes keys as an older shop did", "C3")
def test_addresses_are_told_apart_and_collisions_are_shown(
    ctx: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    fill()
    downgrade(directory=MIGRATIONS, revision=BEFORE)
    spell_as_before()
    for _ in range(2):
        capsys.readouterr()
        upgrade(directory=MIGRATIONS, revision=REVISION)
        printed = capsys.readouterr().out
        keys = column(User, "email_key")
        assert keys[:4] == KEYS
        assert sorted(keys[4:]) == ["twin@xn--mller-kva.de", "twin@xn--mller-kva.de#6"]
        assert column(User, "email")[:2] == ["anna@xn--strae-oqa.de", "Bo@xn--mller-kva.de"]
        assert column(Order, "email_key") == ["anna@strasse.de", "anna@xn--strae-oqa.de"]
        assert column(Order, "email") == ["anna@strasse.de", "Anna@xn--strae-oqa.de"]
        assert column(CouponRedemption, "email_key") == ["anna@xn--strae-oqa.de"]
        assert column(MailMessage, "to_address")[-1] == "anna@xn--strae-oqa.de"
        for told in ("account 6 has the address of account 5", "may be anna@strasse.de or anna@xn"):
            assert told in printed
        assert f"order {column(Order, 'number')[0]} of anna@strasse.de is shown to" in printed
        found = " ".join(finding.text for finding in check_addresses())
        for shown in ("account 6 cannot sign in", "of anna@strasse.de is shown to account 1"):
            assert shown in found
        downgrade(directory=MIGRATIONS, revision=BEFORE)
        kept = column(User, "email_key")
        assert kept[:4] == [key for _, key in PEOPLE[:4]]
        assert len(kept) == len(set(kept)) == len(PEOPLE)
        assert column(User, "email")[:4] == [
            "anna@straße.de",
            "Bo@müller.de",
            *column(User, "email")[2:4],
        ]
        assert column(Order, "email_key") == ["anna@strasse.de"] * 2
        assert column(Coupon, "holder_key")[0] == "anna@strasse.de"
    upgrade(directory=MIGRATIONS)
