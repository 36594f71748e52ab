"""A shop with everything in it that an address can name, and three people who call on it."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import select

from shop.auth.sessions import open_session
from shop.core.clock import now
from shop.core.db import Base, db, transaction
from shop.jobs import drain
from shop.models import Address, Job, JobState, MailMessage, SlugHistory, User, UserSession
from shop.settings.services import set_settings
from tests.coupons.kit import coupon
from tests.factories import make_brand, make_category, make_product, make_user
from tests.fuzz.forms import Form, forms_of
from tests.orders import kit

ROOMS = ("shop", "look", "delivery", "maintenance")  # of the settings
UNWATCHED = {"login_attempt"}  # a refused try is counted all the same


@dataclass
class Actor:
    """Somebody with a browser: the cookie it always sends, and the token of its forms."""

    name: str
    cookie: str
    token: str
    forms: dict[str, list[Form]] = field(default_factory=dict)


@dataclass
class Answer:
    """What came back. `error` is the traceback of what the shop did not expect."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    error: str


class World:
    """The shop, its people, and the values that fit into its addresses."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.values: dict[str, list[str]] = {}
        self.users: dict[str, int] = {}
        with app.app_context():
            self._fill()
        self.actors = [self._call(name) for name in ("guest", "customer", "owner")]
        for actor in self.actors:
            self._crawl(actor)

    def _fill(self) -> None:
        kit.open_shop()
        kit.lift_limits()
        set_settings({"nth_order": "2"}, user_id=None)
        category, brand = make_category("Bags"), make_brand("Maison")
        pieces = [
            make_product(f"Piece {n}", category=category, brand=brand, variants=[{}, {}], stock=90)
            for n in range(3)
        ]
        customer, owner = (
            make_user("anna@example.org"),
            make_user("owner@example.org", is_owner=True),
        )
        self.users = {"customer": customer.id, "owner": owner.id}
        coupon(product_ids=(pieces[0].id,))
        orders = []
        for instrument in ("visa", "sepa", ""):
            order, ref = kit.to_payment(
                kit.fill_cart(*pieces[:2], quantity=2), email=customer.email
            )
            if instrument:
                kit.pay(ref, instrument)
            orders.append(order)
            self.values.setdefault("session_id", []).append(ref)
        drain()
        with transaction() as session:
            session.add(
                Job(
                    name="mail.order_paid",
                    payload={"order_id": 0},
                    dedupe_key="broken",
                    state=JobState.FAILED,
                    error="boom",
                    run_at=now(),
                    finished_at=now(),
                )
            )
            session.add(
                Address(
                    user_id=customer.id,
                    name="Anna",
                    line1="1 rue",
                    postal_code="69001",
                    city="Lyon",
                    country="FR",
                    is_default=True,
                )
            )
            session.add(SlugHistory(slug="old-piece", product_id=pieces[0].id))
            for order in orders:
                session.get_one(type(order), order.id).user_id = customer.id
        self.values |= {
            "slug": [
                *("old-piece", *ROOMS, category.slug, brand.slug),
                *(piece.slug for piece in pieces),
            ],
            "number": [order.number for order in orders],
            "token": [order.access_token for order in orders],
            "product_id": [str(piece.id) for piece in pieces],
            "variant_id": [str(piece.variants[0].id) for piece in pieces],
            "mail_id": [str(db.session.scalar(select(MailMessage.id).limit(1)))],
            "address_id": [str(db.session.scalar(select(Address.id).limit(1)))],
            "job_id": [str(db.session.scalar(select(Job.id).where(Job.state == JobState.FAILED)))],
            "method_id": ["1"],
            "item_id": ["1", "2"],
            "kind": ["order_paid", "password_reset"],
            "theme": ["light", "dark"],
            "name": ["buttons", "a.webp", "card_declined"],
            "event_id": ["evt_1"],
            "filename": ["sandbox.css"],
        }

    def _call(self, name: str) -> Actor:
        client = self.app.test_client()
        token = client.token()
        client.post(
            "/cart/items",
            data={"csrf_token": token, "variant_id": self.values["variant_id"][0], "quantity": "1"},
        )
        with client.session_transaction() as session:
            carried = dict(session)
        actor = Actor(name, "", token)
        self.carried = getattr(self, "carried", {}) | {name: carried}
        self.renew(actor)
        return actor

    def renew(self, actor: Actor) -> None:
        """Sign the person in again where an earlier request has signed them out."""
        content = dict(self.carried[actor.name])
        user_id = self.users.get(actor.name)
        with self.app.app_context():
            if user_id:
                if db.session.get(User, user_id) is None:  # an owner may erase a customer
                    user_id = make_user(f"{actor.name}-{user_id}@example.org").id
                    self.users[actor.name] = user_id
                with transaction():
                    content["sid"] = open_session(user_id, "fuzz")
                self.carried[actor.name] = content
            interface: Any = self.app.session_interface
            signed = interface.get_signing_serializer(self.app).dumps(content)
        actor.cookie = f"session={signed}"

    def is_signed_out(self, actor: Actor) -> bool:
        """Return whether the session of somebody who should have one has ended."""
        if actor.name == "guest":
            return False
        with self.app.app_context(), db.engine.connect() as connection:
            user_id = self.users[actor.name]
            mine = select(sa.func.count()).where(UserSession.user_id == user_id)
            return not connection.scalar(mine)

    def _crawl(self, actor: Actor) -> None:
        for rule in self.app.url_map.iter_rules():
            is_desk = rule.rule.startswith("/admin")
            if "GET" not in (rule.methods or ()) or (is_desk and actor.name != "owner"):
                continue
            path = self.fill_in(rule.rule, lambda values: values[0])
            answer = self.send("GET", path, {"Cookie": actor.cookie})
            for form in forms_of(path, answer.body.decode("utf-8", "replace")):
                target = form.action.partition("?")[0]
                actor.forms.setdefault(target, []).append(form)

    def fill_in(self, rule: str, choose: Any) -> str:
        """Return the address of a rule with values chosen out of those that exist."""
        path = ""
        for part in rule.replace("<", "\0<").replace(">", ">\0").split("\0"):
            name = part.strip("<>").rpartition(":")[2]
            path += choose(self.values.get(name, ["1"])) if part.startswith("<") else part
        return path

    def send(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        """Send what may be no request at all past every tool that would put it right.

        `target`: path and query as they travel, each character one byte.
        """
        path, _, query = target.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquoted(path),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "REMOTE_ADDR": "127.0.0.1",
            "RAW_URI": target,
            "REQUEST_URI": target,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key.startswith("CONTENT_") else f"HTTP_{key}"] = value
        started: list[Any] = []

        def start(status: str, answered: list[tuple[str, str]], _exc: Any = None) -> Any:
            for name, value in answered:
                value.encode("latin-1")
                assert "\r" not in value, (name, value)
                assert "\n" not in value, (name, value)
            started[:] = [int(status[:3]), answered]
            return io.BytesIO().write

        with unexpected() as errors:
            chunks = self.app.wsgi_app(environ, start)
            content = b"".join(chunks)
            getattr(chunks, "close", lambda: None)()
        return Answer(started[0], started[1], content, "\n".join(errors))

    def counts(self) -> dict[str, int]:
        """Return how many rows each table has."""
        query = " UNION ALL ".join(
            f"SELECT '{name}', count(*) FROM {name}"
            for name in Base.metadata.tables
            if name not in UNWATCHED
        )
        with self.app.app_context(), db.engine.connect() as connection:
            return dict(connection.exec_driver_sql(query).all())


def unquoted(path: str) -> str:
    """Return a path as a server hands it over: escapes resolved where they are some."""
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path.encode("utf-8", "surrogatepass")).decode("latin-1")


class _Listening(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.found.append(logging.Formatter().formatException(record.exc_info))


@contextmanager
def unexpected() -> Iterator[list[str]]:
    """Collect the tracebacks of what is logged inside the block as unexpected."""
    handler = _Listening()
    logger = logging.getLogger("shop")
    logger.addHandler(handler)
    try:
        yield handler.found
    finally:
        logger.removeHandler(handler)
