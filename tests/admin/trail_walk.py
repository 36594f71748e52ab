"""A valid request for each form of staff that changes something, as a browser would send it."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any, Final

from flask import Flask
from sqlalchemy import select

from shop.auth.sessions import open_session
from shop.core.clock import now
from shop.core.db import db, transaction
from shop.jobs import drain
from shop.models import (
    Attention,
    AuditEntry,
    Job,
    JobState,
    PageRole,
    PageSection,
    ProductVariant,
    Role,
    SecondFactor,
)
from shop.orders.events import raise_attention
from shop.orders.services import start_payment
from shop.pages.roles import PageText
from shop.pages.services import begin_page, publish_page
from tests.admin.kit import order_of, paid_order, picture
from tests.client import ShopClient
from tests.contact.test_contact import write_message
from tests.coupons.kit import coupon
from tests.factories import make_brand, make_category, make_product, make_user
from tests.fuzz.forms import forms_of
from tests.orders import kit

Sent = tuple[str, dict[str, Any]]  # where to, and what
TYPED: Final = {"title": "Returns", "source": "Sixty days.", "section": "help", "position": "1"}


@dataclass
class Walk:
    """The shop of a walk, and the owner who takes it."""

    app: Flask
    client: ShopClient

    def form(self, page: str, action: str, *, but: str = "", **typed: Any) -> Sent:
        """Return the form of `page` whose action ends so, with what it holds and `typed`.

        A * in `action` fits all. `but`: the buttons that are not pressed, "preview publish".
        """
        forms = forms_of(page, self.client.get(page).text)
        (found, *_more) = [
            each
            for each in forms
            if each.method == "POST" and fnmatch(each.action.split("?")[0], f"*{action}")
        ]
        held = {name: value for name, value in found.fields if name not in but.split()}
        return found.action, {**held, **typed}

    def order(self, **options: Any) -> str:
        """Return the page of an order that is paid for."""
        return f"/admin/orders/{paid_order(self.app, **options)}"

    def unpaid(self, *, by_hand: bool = False) -> str:
        """Return the page of an order that waits for its money."""
        with self.app.app_context():
            cart_id = kit.fill_cart(make_product("Iris", stock=4))
            if not by_hand:
                return f"/admin/orders/{kit.to_payment(cart_id)[0].number}"
            kit.offer_transfer()
            placed = kit.place(cart_id, provider="manual")
            start_payment(placed.order.id, placed.attempt)
            drain()
            return f"/admin/orders/{placed.order.number}"

    def looked_at(self) -> str:
        """Return the page of an order that somebody has to look at."""
        order = self.order()
        with self.app.app_context(), transaction():
            raise_attention(order_of(order.rsplit("/", 1)[1]), Attention.DISPUTED)
        return order

    def reviewed(self) -> str:
        """Return the page of an order for which other money came than was agreed."""
        kit.sandbox_of(self.app).fault("charge_other_amount", 440)
        with self.app.app_context():
            order, ref = kit.to_payment(kit.fill_cart(make_product("Iris", stock=4)))
            kit.pay(ref)
            drain()
            kit.sandbox_of(self.app).clear_faults()
            return f"/admin/orders/{order.number}"

    def sent(self) -> str:
        """Return the page of an order that is on its way."""
        order = self.order()
        self.do(self.form(order, "/shipments"))
        return order

    def refunded(self) -> str:
        """Return the page of an order that was refunded, its pieces not put back yet."""
        order = self.order()
        self.do(self.form(f"{order}/refund", "/refunds", but="preview restock"))
        with self.app.app_context():
            drain()
        return order

    def product(self, **fields: Any) -> str:
        """Return the page of a product."""
        with self.app.app_context():
            return f"/admin/products/{make_product('Ambre', **fields).id}"

    def variant(self, product: str) -> str:
        """Return the id of the first variant of a product."""
        with self.app.app_context():
            of_it = ProductVariant.product_id == int(product.rsplit("/", 1)[1])
            found = select(ProductVariant.id).where(of_it).order_by(ProductVariant.id)
            return str(db.session.scalars(found).first())

    def page(self, versions: int = 2) -> str:
        """Return the page of a text that has several versions."""
        with self.app.app_context(), transaction():
            slug, text = secrets.token_hex(4), PageText("Returns", "", "Ninety days.")
            made = begin_page(PageRole.NONE, slug, PageSection.HELP, text)
            for number in range(versions):
                made.source = f"{made.source}\n\nVersion {number}"
                publish_page(made, user_id=None)
            db.session.flush()
            return f"/admin/pages/{made.id}"

    def section(self, make: Callable[..., Any], kind: str, name: str) -> str:
        """Return the page of a category or a house."""
        with self.app.app_context():
            return f"/admin/{kind}/{make(name).id}"

    def coupon(self) -> str:
        """Return the page of a coupon."""
        with self.app.app_context():
            return f"/admin/coupons/{coupon(secrets.token_hex(4).upper()).id}"

    def colleague(self, *, has_factor: bool = False) -> str:
        """Return the page of a colleague who is signed in."""
        with self.app.app_context():
            user = make_user(permissions=["orders.view"])
            with transaction() as session:
                open_session(user.id)
                if has_factor:
                    session.add(SecondFactor(user_id=user.id, seed="x", confirmed_at=now()))
            return f"/admin/staff/{user.id}"

    def role(self) -> str:
        """Return the page of a role that nobody has."""
        typed = {"name": secrets.token_hex(4), "permission": ["orders.view"]}
        self.do(self.form("/admin/staff/roles/new", "/roles", **typed))
        with self.app.app_context():
            newest = db.session.scalars(select(Role.id).order_by(Role.id.desc())).first()
            return f"/admin/staff/roles/{newest}"

    def view(self) -> str:
        """Keep a list of orders; return the page of all that are kept."""
        self.do(REQUESTS["admin.views.save"](self))
        return "/admin/orders/views"

    def do(self, sent: Sent) -> None:
        """Send a form on the way to another one."""
        answer = self.client.post(sent[0], data=sent[1])
        assert answer.status_code == 303, (sent[0], answer.status_code)


def _job(walk: Walk) -> Sent:
    with walk.app.app_context(), transaction() as session:
        session.add(
            Job(name="catalog.sync_product", state=JobState.FAILED, dedupe_key="given-up",
                run_at=now(), finished_at=now(), attempts=9, error="PaymentUnavailable: …")
        )  # fmt: skip
    return walk.form("/admin/jobs?view=failed", "/retry")


def _parcel(walk: Walk) -> Sent:
    order = walk.sent()
    links = re.findall(rf"{order}/parcels/[0-9]+", walk.client.get(order).text)
    return walk.form(links[0], links[0], tracking_number="XY987654321")


def _outcome(walk: Walk) -> Sent:
    order = walk.unpaid(by_hand=True)
    walk.do(walk.form(order, "/receipts"))
    walk.do(walk.form(f"{order}/refund", "/refunds", but="preview restock"))
    with walk.app.app_context():
        drain()
    return walk.form(order, "/outcome", outcome="sent")


def _restock(walk: Walk) -> Sent:
    return walk.form(walk.refunded(), "/stock")


def _dispatch(walk: Walk) -> Sent:
    number = walk.order().rsplit("/", 1)[1]
    return walk.form(f"/admin/orders/dispatch?order={number}", "/dispatches", but="check")


def _message(walk: Walk) -> Sent:
    with walk.app.app_context():
        page = f"/admin/messages/{write_message('m' * 24)}"
    return walk.form(page, "/state")


def _variant(walk: Walk, action: str, **typed: str) -> Sent:
    product = walk.product(variants=TWO)
    variant = walk.variant(product)
    typed = {f"v{variant}-{name}": value for name, value in typed.items()}
    return walk.form(product, f"/variants/{variant}{action}", **typed)


def _grid(walk: Walk) -> Sent:
    product = walk.product()
    variant = walk.variant(product)
    return walk.form(f"{product}/grid", "/grid", **{f"price-{variant}": "12.00"})


def _stock(walk: Walk) -> Sent:
    product = walk.product(stock=4)
    variant = walk.variant(product)
    return walk.form("/admin/stock?q=Ambre", "/stock", **{f"on_hand-{variant}": "3"})


def _options(walk: Walk, action: str) -> Sent:
    product = walk.product(variants=TWO)
    sent = walk.form(
        f"{product}/options", "/options", option_name="Option 1", option_values="A\nB\nC"
    )
    if action == "/options":
        return sent
    walk.do(sent)
    return walk.form(f"{product}/grid", action)


def _role(walk: Walk) -> Sent:
    with walk.app.app_context(), transaction() as session:
        role = Role(name=secrets.token_hex(4), permissions=["orders.view"])
        session.add(role)
        session.flush()
        role_id = str(role.id)
    page = walk.colleague()
    return walk.form(page, "/role", role=role_id)


def _version(walk: Walk, action: str) -> Sent:
    return walk.form(f"{walk.page(versions=3)}/versions/1", action)


TWO: Final = ({"option_values": ["A"]}, {"option_values": ["B"]})
METHOD: Final = {"name": "By bicycle", "price": "4.00", "min_days": "1", "max_days": "2"}
REQUESTS: Final[dict[str, Callable[[Walk], Sent]]] = {
    "admin.contact.change": lambda w: w.form(f"{w.order()}/contact", "/contact", city="Nice"),
    "admin.coupons.batch": lambda w: w.form(
        "/admin/coupons/batches/new", "/batches", name="Letters", count="2"
    ),
    "admin.coupons.change": lambda w: w.form((c := w.coupon()), c, limit="9"),
    "admin.coupons.create": lambda w: w.form("/admin/coupons/new", "/coupons", kind="percent"),
    "admin.coupons.end": lambda w: w.form(w.coupon(), "/end"),
    "admin.coupons.switch": lambda w: w.form(w.coupon(), "/state"),
    "admin.dispatch.send": _dispatch,
    "admin.events.replay": lambda w: w.form(w.order(), "/events/*/replay"),
    "admin.jobs.again": _job,
    "admin.keys.switch": lambda w: w.form("/admin/keys", "/keys"),
    "admin.messages.settle": _message,
    "admin.orders.cancel_unpaid": lambda w: w.form(w.unpaid(), "/cancellation"),
    "admin.orders.deliver": lambda w: w.form(w.sent(), "/deliveries"),
    "admin.orders.note": lambda w: w.form(w.order(), "/notes", note="Called."),
    "admin.orders.receive": lambda w: w.form(w.unpaid(by_hand=True), "/receipts"),
    "admin.orders.refund": lambda w: w.form(
        f"{w.order()}/refund", "/refunds", but="preview restock"
    ),
    "admin.orders.refund_outcome": _outcome,
    "admin.orders.resend": lambda w: w.form(w.order(), "/mails/*"),
    "admin.orders.restock": _restock,
    "admin.orders.review": lambda w: w.form(w.reviewed(), "/review"),
    "admin.orders.settle": lambda w: w.form(w.looked_at(), "/attention"),
    "admin.orders.ship": lambda w: w.form(w.order(), "/shipments"),
    "admin.pages.begin": lambda w: w.form("/admin/pages", "/samples"),
    "admin.pages.create": lambda w: w.form("/admin/pages/new", "/pages", but="preview", **TYPED),
    "admin.pages.drop_version": lambda w: _version(w, "/deletion"),
    "admin.pages.hide": lambda w: w.form(w.page(), "/retreat"),
    "admin.pages.remove": lambda w: w.form(f"{w.page()}/deletion", "/deletion"),
    "admin.pages.restore": lambda w: _version(w, "/draft"),
    "admin.pages.update": lambda w: w.form((p := w.page()), p, but="preview publish", **TYPED),
    "admin.parcels.mend": _parcel,
    "admin.products.bulk": lambda w: w.form(
        "/admin/products?view=all", "/bulk", status="draft", product_id=w.product().rsplit("/")[-1]
    ),
    "admin.products.change_variant": lambda w: _variant(w, "", price="12.00"),
    "admin.products.create": lambda w: w.form(
        "/admin/products/new", "/products", name="Neroli", price="90.00", sku="NEW-1"
    ),
    "admin.products.create_variant": lambda w: w.form(
        w.product(variants=TWO),
        "/variants",
        **{"new-value_0": "C", "new-price": "9.00", "new-sku": "NEW-2"},
    ),
    "admin.products.pictures": lambda w: w.form(
        w.product(), "/pictures", but="act", pictures=(picture(), "new.png")
    ),
    "admin.products.status": lambda w: w.form(w.product(), "/status", status="draft"),
    "admin.products.stock": lambda w: w.form(w.product(), "/stock", delta="-1"),
    "admin.products.sync": lambda w: w.form(w.product(), "/sync"),
    "admin.products.update": lambda w: w.form((p := w.product()), p, name="Ambre nuit"),
    "admin.products.withdraw_variant": lambda w: _variant(w, "/archive"),
    "admin.roles.create": lambda w: w.form(
        "/admin/staff/roles/new", "/roles", name="Packers", permission=["orders.view"]
    ),
    "admin.roles.remove": lambda w: w.form(f"{w.role()}/deletion", "/deletion"),
    "admin.roles.update": lambda w: w.form((r := w.role()), r, name="Senders"),
    "admin.sections.create_brand": lambda w: w.form("/admin/brands/new", "/brands", name="Lumen"),
    "admin.sections.create_category": lambda w: w.form(
        "/admin/categories/new", "/categories", name="Candles"
    ),
    "admin.sections.delete_brand": lambda w: w.form(
        w.section(make_brand, "brands", "Old"), "/deletion"
    ),
    "admin.sections.delete_category": lambda w: w.form(
        w.section(make_category, "categories", "Old"), "/deletion"
    ),
    "admin.sections.place_brand": lambda w: w.form(
        _two(w, make_brand, "brands"), "/place", step="1"
    ),
    "admin.sections.place_category": lambda w: w.form(
        _two(w, make_category, "categories"), "/place", step="1"
    ),
    "admin.sections.update_brand": lambda w: w.form(
        (b := w.section(make_brand, "brands", "Lux")), b, name="Lumière"
    ),
    "admin.sections.update_category": lambda w: w.form(
        (c := w.section(make_category, "categories", "Home")), c, name="House"
    ),
    "admin.settings.carrier": lambda w: w.form(
        "/admin/settings/delivery", "/carriers", **{"new-c-name": "Bicycle"}
    ),
    "admin.settings.method": lambda w: w.form(
        "/admin/settings/delivery",
        "/delivery-methods",
        **{f"new-m-{name}": value for name, value in METHOD.items()},
    ),
    "admin.settings.rate": lambda w: w.form(
        "/admin/settings/tax-rates",
        "/tax-rates",
        but="remove",
        country="DE",
        tax_class="standard",
        rate_name="USt.",
        percent="19",
    ),
    "admin.settings.test_mail": lambda w: w.form(
        "/admin/settings/mail", "/test-mail", to="ada@example.com"
    ),
    "admin.settings.update": lambda w: w.form("/admin/settings/shop", "/shop", name="Atelier"),
    "admin.staff.give": _role,
    "admin.staff.reset": lambda w: w.form(w.colleague(has_factor=True), "/second-factor/reset"),
    "admin.staff.sign_out": lambda w: w.form(w.colleague(), "/sessions/end"),
    "admin.staff.switch": lambda w: w.form(w.colleague(), "/access"),
    "admin.stock.save": _stock,
    "admin.trail.revert": lambda w: w.form(_changed(w), "/reversal"),
    "admin.variants.change": _grid,
    "admin.variants.change_options": lambda w: _options(w, "/options"),
    "admin.variants.combine": lambda w: _options(w, "/combinations"),
    "admin.views.delete": lambda w: w.form(w.view(), "/deletion"),
    "admin.views.rename": lambda w: w.form(w.view(), "/name", name="Mine"),
    "admin.views.save": lambda w: w.form(
        f"/admin/orders?view=all&q={secrets.token_hex(4)}", "/views", name=secrets.token_hex(4)
    ),
}
# What is done without that a value of the shop becomes another one: its entry says that it was.
DEEDS: Final = {"admin.settings.test_mail": "sends a mail to whoever asks for it"}

# Forms that overtake nobody, and why: the others carry a version, without which they are stale.
_MAKES: Final = "makes something new, or does something once more"
_DECIDES: Final = "asks for one state, which either is reached already or can still be reached"
_COUNTS: Final = "adds or takes a number, whatever is there by then"
UNVERSIONED: Final = {
    **dict.fromkeys(
        ["admin.coupons.batch", "admin.coupons.create", "admin.events.replay", "admin.jobs.again",
         "admin.orders.note",
         "admin.orders.resend", "admin.pages.begin", "admin.pages.create",
         "admin.products.create", "admin.products.create_variant", "admin.products.sync",
         "admin.roles.create", "admin.sections.create_brand", "admin.sections.create_category",
         "admin.settings.carrier", "admin.settings.method", "admin.settings.test_mail",
         "admin.variants.combine", "admin.views.save"],
        _MAKES,
    ),
    **dict.fromkeys(
        ["admin.coupons.end", "admin.coupons.switch", "admin.keys.switch", "admin.messages.settle",
         "admin.orders.cancel_unpaid", "admin.orders.deliver", "admin.orders.receive",
         "admin.orders.refund_outcome", "admin.orders.restock", "admin.orders.review",
         "admin.pages.drop_version", "admin.pages.hide", "admin.pages.remove",
         "admin.products.bulk", "admin.products.status", "admin.products.withdraw_variant",
         "admin.roles.remove", "admin.sections.delete_brand", "admin.sections.delete_category",
         "admin.staff.reset", "admin.staff.sign_out", "admin.staff.switch", "admin.views.delete"],
        _DECIDES,
    ),
    **dict.fromkeys(
        ["admin.products.stock", "admin.sections.place_brand", "admin.sections.place_category"],
        _COUNTS,
    ),
    "admin.pages.restore": "writes a draft, which the trail gives back",
    "admin.products.pictures": "describes pictures, each by its own words",
    "admin.settings.rate": "names a country, a class and a rate: one row, as it is to be",
    "admin.staff.give": "carries the role that was seen instead",
    "admin.stock.save": "carries the numbers that were seen instead",
    "admin.trail.revert": "is compared with what the entry left",
    "admin.views.rename": "is one's own list",
}  # fmt: skip


def overtaken(form: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a form sends that was made from another version; None where it has none."""
    names = [name for name in form if re.fullmatch(r"(.+-)?version(-.+)?", name) and form[name]]
    stale = {name: str(int(form[name]) + 7) for name in names}
    return {**form, **stale} if stale else None


def _two(walk: Walk, make: Callable[..., Any], kind: str) -> str:
    walk.section(make, kind, "First")
    walk.section(make, kind, "Second")
    return f"/admin/{kind}"


def _changed(walk: Walk) -> str:
    """Change a piece; return the entry that says so."""
    walk.do(REQUESTS["admin.products.update"](walk))
    with walk.app.app_context():
        newest = db.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id.desc())).first()
        return f"/admin/trail/{newest}"
