"""A shop that can be made new in a millisecond, with its provider, its clock and its crashes."""

import math
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import delete, event, update

from sandboxes.stripe.webhooks import signature
from shop.catalog.services.products import activate_product, deactivate_product
from shop.core import clock
from shop.core.db import db, transaction
from shop.core.errors import Busy, ShopError
from shop.coupons.services import CouponTerms, create_coupon
from shop.models import (
    CouponKind,
    Job,
    ProductVariant,
    ShopState,
    StockPolicy,
    TaxClass,
)
from shop.orders.services import receive_event
from shop.settings.services import set_setting
from tests.conftest import empty
from tests.factories import make_category, make_product, make_user
from tests.machine.watch import Watch
from tests.orders import kit

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


class Stopped(datetime):
    """A wall clock that stands still: within a step no time passes, so every run is the same."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return START.astimezone(tz)


class Crash(BaseException):
    """The process ends here: nobody catches this, nothing is cleaned up on purpose."""


class Kind(StrEnum):
    """How a use case ended."""

    DONE = "done"
    REFUSED = "refused"
    CRASHED = "crashed"


@dataclass(frozen=True)
class Answer:
    """What came of a use case: its value, or the refusal."""

    kind: Kind
    value: Any = None

    @property
    def is_done(self) -> bool:
        """Whether it was carried out."""
        return self.kind is Kind.DONE


class Tripwire:
    """Sees each statement of an engine: ends the process at one, notes whether any wrote."""

    def __init__(self, engine: sa.Engine) -> None:
        self.left = 0
        self.has_written = True
        event.listen(engine, "before_cursor_execute", self._see)

    def _see(self, _connection: Any, _cursor: Any, statement: str, *_more: object) -> None:
        if statement.startswith(CONTROL):
            return
        if not statement.startswith("SELECT"):
            self.has_written = True
        if self.left:
            self.left -= 1
            if not self.left:
                raise Crash


@dataclass(frozen=True)
class Goods:
    """What the shop of the machine sells and whom it knows; ids by name."""

    variants: Mapping[str, int]
    products: Mapping[int, int]
    prices: Mapping[int, int]
    on_hand: Mapping[int, int]
    policies: Mapping[int, StockPolicy]
    users: tuple[int, ...]


@dataclass(frozen=True)
class Code:
    """A coupon, as the machine reckons with it. `variants`: its scope; None: everything."""

    percent_bp: int = 0
    amount_off: int = 0
    is_free_delivery: bool = False
    limit: int | None = None
    each: int | None = None
    scope: frozenset[str] | None = None


EMAILS = ("ada@example.org", "ben@example.org", "cleo@example.org")
PIECES: dict[str, dict[str, Any]] = {
    "ambre": {"price": 14800, "stock": 3},
    "bois": {"price": 3333, "stock": 2},
    "cuir": {"price": 990, "stock": 5, "tax_class": TaxClass.REDUCED},
    "atelier": {"price": 25000, "stock": 1, "policy": StockPolicy.CONTINUE},
    "carte": {"price": 1500, "stock": 0, "policy": StockPolicy.UNTRACKED},
    "cadeau": {"price": 0, "stock": 2},
}
SCENTS = frozenset({"ambre", "bois"})
CODES: dict[str, Code] = {
    "TEN": Code(percent_bp=1000),
    "LAST": Code(percent_bp=3333, limit=1),
    "EACH": Code(amount_off=1000, each=1),
    "BOTH": Code(amount_off=500, limit=2, each=1, scope=frozenset({"bois"})),
    "SCENTS": Code(percent_bp=1500, scope=SCENTS),
    "PARCEL": Code(is_free_delivery=True),
}


class World:
    """The shop under test. `reset()` makes it new; `attempt()` does something in it."""

    def __init__(self, app: Flask, url: str) -> None:
        self.app = app
        self.sandbox = kit.sandbox_of(app)
        self.sandbox.postman.deliver = self._take
        self.sandbox.store.time_source = lambda: self.provider_time
        self.secret = app.extensions["sandbox"].sandbox.config.webhook_secret
        self.url = url
        self.file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None
        self.skew = self.moved = 0.0
        self.rounds = 0
        self.defects: list[Exception] = []
        with app.app_context():
            self.tripwire = Tripwire(db.engine)
            self.watch = Watch(db.engine.dialect)
            if self.file:
                event.listen(db.engine, "connect", _hurry)
                self.goods = furnish()
        if self.file:
            self._close()
            self.template = self.file.with_name("template.sqlite3")
            shutil.copyfile(self.file, self.template)

    def reset(self) -> None:
        """Make the shop what it was when it opened; stamps are new, so nothing kept is used."""
        self.tripwire.left = 0
        clock.move(-self.moved)
        self.skew = self.moved = 0.0
        self.defects.clear()
        self.sandbox.reset()
        self.rounds += 1
        self._close()
        if self.file:
            shutil.copyfile(self.template, self.file)
        with self.app.app_context():
            if not self.file:
                empty(self.url)
                self.goods = furnish()
            with transaction() as session:
                stamp = 1000 * self.rounds
                session.execute(update(ShopState).values(settings_stamp=stamp, list_stamp=stamp))
        self.tripwire.has_written = True

    def _close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            if self.file:
                db.engine.dispose()

    # -- time ------------------------------------------------------------------------------

    @property
    def provider_time(self) -> float:
        """The provider's clock, UNIX seconds: it is right, ours may be behind."""
        return clock.now().timestamp() - self.skew

    def wait(self, seconds: float) -> None:
        """Let time pass, everywhere."""
        clock.move(seconds)
        self.moved += seconds
        self.sandbox.run_due()

    def set_clock(self, skew: float) -> None:
        """Set the shop's own clock `skew` seconds off the provider's."""
        clock.move(skew - self.skew)
        self.moved += skew - self.skew
        self.skew = skew

    # -- doing -----------------------------------------------------------------------------

    def attempt(self, act: Callable[..., Any], *args: Any, **kwargs: Any) -> Answer:
        """Do something: it is done, refused, or cut off by a crash. All else is a defect."""
        try:
            with self.app.app_context():
                answer = Answer(Kind.DONE, act(*args, **kwargs))
        except Busy:
            raise
        except ShopError as refusal:
            answer = Answer(Kind.REFUSED, refusal)
        except Crash:
            answer = Answer(Kind.CRASHED)
        finally:
            self.tripwire.left = 0
        if self.defects:
            raise self.defects[0]
        return answer

    def _take(self, _url: str, body: bytes, _headers: dict[str, str]) -> tuple[int, bytes]:
        """Hand an event to the shop as the provider does, signed by the provider's clock."""
        signed = signature(self.secret, body, int(self.provider_time))
        try:
            with self.app.app_context():
                receive_event("sandbox", body, {"Stripe-Signature": signed})
        except ShopError as refusal:
            return 500, str(refusal).encode()
        except Crash:
            return 0, b"no answer"
        except Exception as defect:
            self.defects.append(defect)
            return 500, b""
        return 200, b"ok"

    # -- events ----------------------------------------------------------------------------

    def deliver(self, event_id: str) -> None:
        """Deliver an event, however often that was tried or done before."""
        self.sandbox.resend(event_id)
        self.sandbox.postman.deliver_due(math.inf, limit=1, events=(event_id,))

    def lose(self, event_id: str) -> None:
        """Let the provider give up on an event."""
        with self.sandbox.store.write() as tx:
            tx.connection.execute(
                "UPDATE delivery SET state = 'failed', last_answer = 'lost' WHERE event = ?",
                (event_id,),
            )


def _hurry(connection: sqlite3.Connection, _record: object) -> None:
    """Power does not fail in these tests: nothing waits for the disk."""
    connection.execute("PRAGMA synchronous=OFF")


def furnish() -> Goods:
    """Open a small shop where everything is nearly sold out."""
    kit.open_shop()
    scents = make_category("Scents")
    variants, products, policies = {}, {}, {}
    for name, piece in PIECES.items():
        policy = piece.get("policy", StockPolicy.DENY)
        product = make_product(
            name.title(),
            category=scents if name in SCENTS else None,
            pictures=0,
            variants=[
                {
                    "unit_amount": piece["price"],
                    "stock": piece["stock"],
                    "stock_policy": policy,
                    "tax_class": piece.get("tax_class", TaxClass.STANDARD),
                }
            ],
        )
        variant_id = product.variants[0].id
        variants[name], products[variant_id], policies[variant_id] = variant_id, product.id, policy
    for code, terms in CODES.items():
        create_coupon(code, _terms(terms, scents.id, products[variants["bois"]]))
    set_setting("nth_order", "2", user_id=None)
    users = tuple(make_user(email).id for email in EMAILS[:2])
    with transaction() as session:
        session.execute(delete(Job))
    return Goods(
        variants=variants,
        products=products,
        prices={variants[name]: piece["price"] for name, piece in PIECES.items()},
        on_hand={variants[name]: piece["stock"] for name, piece in PIECES.items()},
        policies=policies,
        users=users,
    )


def _terms(code: Code, scents: int, bois: int) -> CouponTerms:
    kind = CouponKind.PERCENT if code.percent_bp else CouponKind.FREE_DELIVERY
    return CouponTerms(
        kind=CouponKind.AMOUNT if code.amount_off else kind,
        percent_bp=code.percent_bp,
        amount_off=code.amount_off,
        usage_limit=code.limit,
        per_customer_limit=code.each,
        category_ids=(scents,) if code.scope == SCENTS else (),
        product_ids=(bois,) if code.scope == {"bois"} else (),
    )


def reprice(variant_id: int, amount: int) -> None:
    """Change a price as the desk of products does."""
    from shop.catalog.input_types import VariantFields
    from shop.catalog.services.variants import update_variant

    variant = db.session.get_one(ProductVariant, variant_id)
    fields = VariantFields(
        sku=variant.sku,
        unit_amount=amount,
        option_values=variant.option_values,
        stock_policy=variant.stock_policy,
        tax_class=variant.tax_class,
    )
    db.session.close()
    update_variant(variant_id, fields, user_id=None)


def put_on_sale(product_id: int, *, is_on_sale: bool) -> None:
    """Take a product off sale, or put it back."""
    (activate_product if is_on_sale else deactivate_product)(product_id)


def hours(number: float) -> float:
    """Return hours as seconds."""
    return timedelta(hours=number).total_seconds()
