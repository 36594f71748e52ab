"""The shop of a walk through the forms of staff: what has to be there before one is sent."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

from flask import Flask
from sqlalchemy import select

from shop.auth.sessions import open_session
from shop.catalog.input_types import CollectionFields
from shop.catalog.services import create_collection
from shop.core.clock import now
from shop.core.db import db, transaction
from shop.jobs import drain
from shop.models import (
    Attention,
    Customer,
    DeliveryMethod,
    DeliveryZone,
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
from tests.admin.kit import order_of, paid_order
from tests.client import ShopClient
from tests.coupons.kit import coupon
from tests.factories import make_product, make_user
from tests.fuzz.forms import forms_of
from tests.orders import kit

Sent = tuple[str, dict[str, Any]]  # where to, and what


@dataclass
class Walk:
    """The shop of a walk, and the owner who takes it."""

    app: Flask
    client: ShopClient
    far: list[str] = field(default_factory=lambda: ["AU", "BR", "CA", "IN", "KR", "MX", "NZ", "US"])

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
        url = f"/admin/orders?view=all&q={secrets.token_hex(4)}"
        self.do(self.form(url, "/views", name=secrets.token_hex(4)))
        return "/admin/orders/views"

    def collection(self) -> str:
        """Return the page of a collection without pieces."""
        with self.app.app_context():
            name = secrets.token_hex(4)
            return f"/admin/collections/{create_collection(CollectionFields(name=name))}"

    def customer(self) -> str:
        """Return the page of a customer with an account, who is signed in."""
        with self.app.app_context():
            user = make_user(f"{secrets.token_hex(4)}@example.org")
            with transaction():
                open_session(user.id)
            of_them = select(Customer.id).where(Customer.user_id == user.id)
            return f"/admin/customers/{db.session.scalars(of_them).one()}"

    def zone(self) -> str:
        """Return the page of a zone that stands before another one and has no methods."""
        return self._made(
            "/admin/settings/delivery/zones/new",
            "/zones",
            DeliveryZone,
            but="is_rest",
            countries=[self.far.pop()],
        )

    def method(self) -> str:
        """Return the page of a method that stands behind others of its zone."""
        url = "/admin/settings/delivery/methods/new?zone=1"
        typed = {"price": "4.00", "min_days": "1", "max_days": "2"}
        return self._made(url, "/methods", DeliveryMethod, **typed)

    def _made(self, page: str, action: str, model: Any, **typed: Any) -> str:
        """Make what the form makes; return its page."""
        self.do(self.form(page, action, name=secrets.token_hex(4), **typed))
        with self.app.app_context():
            newest = db.session.scalars(select(model.id).order_by(model.id.desc())).first()
            return f"/admin/settings/delivery{action}/{newest}"

    def home(self) -> str:
        """Return the desk of the home page, which is being changed."""
        self.do(self.form("/admin/home/blocks/new?kind=story", "/blocks", title="Ours", text="Yes"))
        return "/admin/home"

    def block(self) -> str:
        """Return the page of the last block of the home page, a story."""
        text = self.client.get(self.home()).text
        return re.findall(r"/admin/home/blocks/[0-9]+", text)[-1]

    def invitation(self) -> str:
        """Invite somebody; return the page of all colleagues."""
        self.role()
        page = "/admin/staff/invitations/new"
        self.do(self.form(page, "/invitations", email=f"{secrets.token_hex(4)}@example.org"))
        return "/admin/staff"

    def stocktakes(self) -> str:
        """Return the page of all stocktakes, none of which is open."""
        self.product(stock=3)
        with self.app.app_context():
            drain()
        page = "/admin/stock/counts"
        if found := re.search(
            r"/admin/stock/counts/[0-9]+(?=\">Go on)", self.client.get(page).text
        ):
            self.do(self.form(found[0], "/drop"))
        return page

    def stocktake(self) -> str:
        """Return the page of a stocktake that is open."""
        page = self.stocktakes()
        url, form = self.form(page, "/counts", scope="all")
        return str(self.client.post(url, data=form).headers["Location"])

    def do(self, sent: Sent) -> None:
        """Send a form on the way to another one."""
        answer = self.client.post(sent[0], data=sent[1])
        assert answer.status_code == 303, (sent[0], answer.status_code)
