"""A shop with a past, and visitors to it: what pages need to be looked at."""

from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select

from sandboxes.stripe import sessions, tasks
from shop import models
from shop.account.services import add_address, update_details
from shop.admin.customers.services import write_customer_note
from shop.admin.staff.invitations import invite_colleague
from shop.admin.staff_actions import Staff
from shop.auth.services import make_proof_token, make_reset_token, token_of_invitation
from shop.cart.coupons import apply_coupon
from shop.catalog.input_types import CollectionFields, LookFields
from shop.catalog.services import choose_products, create_collection
from shop.contact.services import ContactInput, take_message
from shop.core.addresses import PostalAddress
from shop.core.clock import now, today
from shop.core.config import config
from shop.core.db import db, transaction
from shop.coupons.services import CouponTerms, create_coupon
from shop.models import (
    Category,
    CouponKind,
    Job,
    JobState,
    Order,
    OrderItem,
    PageRole,
    Product,
    ProductVariant,
    Role,
    StockPolicy,
    User,
    VisitStage,
)
from shop.orders.services import (
    RefundLine,
    cancel_order,
    deliver_order,
    fulfil,
    refund_order,
    send_refund,
    ship_order,
)
from shop.pages.services import begin_sample, publish_page
from shop.shared.audit_log import write_audit_entry
from shop.shared.visits import Seen, store_visits
from shop.stock.stocktake import begin_count, count_one_more, count_pieces
from tests.browser import steps
from tests.browser.kit import opened
from tests.factories import fresh, make_user
from tests.orders import kit

Visitor = dict[str, Any]  # a browser's cookies, as Playwright keeps them
CODE, MINIMUM = "MERCI10", 32_000  # for the plain and the chosen piece together, not for one


@dataclass(frozen=True)
class Sold:
    """An order by what pages call it."""

    number: str
    link: str
    ref: str


@dataclass
class World:
    """Pieces of each kind by slug, orders by state, browsers by who sits at them."""

    app: Flask
    category: str
    plain: str
    chosen: str
    few: str
    gone: str
    product_id: int
    variant_id: int
    customer: str
    staff: str
    address_id: int
    proof: str  # the path of the link in the mail to an address that is not proven
    reset: str  # the path of the link in the mail to who has forgotten the password
    orders: dict[str, Sold]
    page_id: int = 0
    customer_id: int = 0
    invitation: str = ""  # the path of the link in the mail to somebody who is to work here
    collection_id: int = 0
    visitors: dict[str, Visitor | None] = field(default_factory=dict)


def populate(app: Flask) -> World:
    """Add a past to a furnished shop: a customer with orders in every state, and staff."""
    with app.app_context():
        create_coupon(
            CODE, CouponTerms(kind=CouponKind.PERCENT, percent_bp=1000, minimum_amount=MINIMUM)
        )
        world = _world(app)
        user = make_user(world.customer)
        update_details(user.id, "Camille Laurent", "+33 6 12 34 56 78")
        _work(world, owner := make_user(world.staff, is_owner=True))
        _invite_packer(world, owner)
        new = make_user("newcomer@example.org")
        world.proof = f"/account/email/{make_proof_token(new, new.email)}"
        found = make_reset_token(new.email)
        assert found
        world.reset = f"/password/reset/{found[1]}"
        for city in ("Lyon", "Villeurbanne"):
            world.address_id = add_address(user.id, PostalAddress(**{**kit.ADDRESS, "city": city}))
        for state in ("canceled", "refunded", "delivered", "sent", "paid", "processing", "pending"):
            world.orders[state] = _sell(world, user.id, state)
        world.orders["part"] = _sell(world, user.id, "part", CODE)
        kit.offer_transfer(transfer_bic="COBADEFFXXX", transfer_bank="Commerzbank")
        world.orders["transfer"] = _sell(world, None, "transfer")
        _publish(world)
        _let_people_look()
        who = select(models.Customer.id).where(models.Customer.user_id == user.id)
        world.customer_id = db.session.scalars(who).one()
        write_customer_note(
            world.customer_id, "Asks for the blue box each time.", staff=Staff(user_id=None)
        )
        _count(world)
        _collect(world)
        db.session.remove()
    return world


def _let_people_look() -> None:
    """Let more people have seen a piece today than have filled a bag or come to checkout."""
    day = today(config().timezone)
    store_visits(
        Seen(day, stage, (f"192.0.2.{n}", "Firefox"))
        for stage, many in zip(VisitStage, (60, 24, 13), strict=True)
        for n in range(many)
    )


def _count(world: World) -> None:
    """Let a stocktake be open, in which somebody has counted."""
    count_id = begin_count(name="All pieces", user_id=None)
    count_pieces(count_id, world.variant_id, 0, 4, None)
    for _ in range(2):
        count_one_more(count_id, world.variant_id + 1, None)


def _publish(world: World) -> None:
    """Let there be texts to read, one of them in two versions, and somebody who has written."""
    with transaction():
        for role in (PageRole.DELIVERY, PageRole.CONTACT, PageRole.PRIVACY):
            page = db.session.scalar(select(models.Page).where(models.Page.role == role))
            if page is None:  # a demo shop has them
                page = begin_sample(role)
                publish_page(page, user_id=None)
        page.source = page.source.replace("90 days", "60 days")
        publish_page(page, user_id=None)
        world.page_id = page.id
    number = world.orders["paid"].number
    written = ContactInput("Camille", "camille@example.org", number, "Where is it?", "c" * 24)
    take_message(written, ip="192.0.2.7", user_id=None)


def _invite_packer(world: World, owner: User) -> None:
    """Let somebody be invited to work here."""
    with transaction() as session:
        role = Role(name="Packers", permissions=["orders.view", "orders.ship"])
        session.add(role)
        session.flush()
    invite_colleague("paula@example.org", role.id, "192.0.2.7", staff=Staff(owner.id))
    seed = db.session.scalars(select(models.StaffInvitation.seed)).one()
    world.invitation = f"/invite/{token_of_invitation(seed)}"


def _collect(world: World) -> None:
    """Let there be a collection of a few pieces, with a picture."""
    found = db.session.execute(
        select(Product.id, Product.cover).where(Product.is_active).order_by(Product.id).limit(6)
    ).all()
    text = "Small things that are a pleasure to unwrap."
    look = LookFields(picture=found[0].cover or "", picture_alt="A scent in its bottle")
    fields = CollectionFields(name="Gifts", description=text, is_active=True, look=look)
    world.collection_id = create_collection(fields)
    choose_products(world.collection_id, [row.id for row in found])


def _work(world: World, staff: User) -> None:
    """Let staff have changed a piece, and a job have been given up."""
    with transaction() as session:
        for action, after in (
            ("products.update", {"name": "New", "description": "New"}),
            ("products.status", {"is_active": True}),
        ):
            before = dict.fromkeys(after)
            write_audit_entry(
                action, "product", world.product_id, user_id=staff.id, before=before, after=after
            )
        session.add(
            Job(
                name="catalog.sync_product", state=JobState.FAILED, dedupe_key="given-up",
                run_at=now(), finished_at=now(), attempts=9,
                error="PaymentUnavailable: the payment service did not answer in time",
            )
        )  # fmt: skip


def _world(app: Flask) -> World:
    """Find pieces of each kind among those on the shelves."""
    on_sale = select(Product).where(Product.is_active, Product.cover.is_not(None))
    on_sale = on_sale.order_by(Product.position, Product.id).limit(1)
    variants = select(func.count()).where(ProductVariant.product_id == Product.id).scalar_subquery()
    left = (
        select(func.sum(ProductVariant.stock_on_hand))
        .where(ProductVariant.product_id == Product.id)
        .scalar_subquery()
    )
    wanted = {
        "plain": [variants == 1, left > 10],
        "chosen": [variants > 2, left > 10],
        "few": [variants == 1, left.between(1, 3)],
        "gone": [
            left == 0,
            ~Product.variants.any(ProductVariant.stock_policy != StockPolicy.DENY),
        ],
    }
    found = {
        name: db.session.scalars(on_sale.where(*rules)).one() for name, rules in wanted.items()
    }
    category = db.session.get_one(Category, found["plain"].category_id).slug
    mine = ProductVariant.product_id == found["chosen"].id
    variant_id = db.session.scalars(select(func.min(ProductVariant.id)).where(mine)).one()
    slugs = {name: product.slug for name, product in found.items()}
    return World(
        app=app,
        category=category,
        product_id=found["chosen"].id,
        variant_id=variant_id,
        customer="camille@example.org",
        staff="ines@example.org",
        address_id=0,
        proof="",
        reset="",
        orders={},
        **slugs,
    )


def _sell(world: World, user_id: int | None, state: str, code: str = "") -> Sold:
    """Sell to the customer, with a coupon if `code` names one, and bring the order to `state`.

    To a guest where `user_id` is None.
    """
    fresh()
    email = world.customer if user_id else "guest@example.org"
    found = []
    for slug in (world.plain, world.chosen):
        of_it = select(ProductVariant.id).join(Product).where(Product.slug == slug)
        found.append(db.session.scalars(of_it.order_by(ProductVariant.id)).first())
    cart_id = kit.fill_cart_with([variant_id for variant_id in found if variant_id])
    ip = f"10.40.0.{len(world.orders) + 1}"
    if code:
        apply_coupon(cart_id, code, user_id=user_id, email_key=email, ip=ip)
    provider = "manual" if state == "transfer" else ""
    order, ref = kit.to_payment(cart_id, email=email, user_id=user_id, ip=ip, provider=provider)
    _bring(order.id, ref, state)
    if state == "processing":
        _let_the_bank_think(world.app, ref)
    return Sold(order.number, f"/o/{order.access_token}", ref)


def _let_the_bank_think(app: Flask, ref: str) -> None:
    """Keep a debit from being settled: it would be after three minutes, whoever still looks."""
    with kit.sandbox_of(app).store.write() as tx:
        tasks.cancel(tx, "settle", tx.get(sessions.KIND, ref).body["payment_intent"])


def _bring(order_id: int, ref: str, state: str) -> None:
    if state == "canceled":
        cancel_order(order_id)
    elif state == "processing":
        kit.pay(ref, "sepa_later")
    elif state not in {"pending", "transfer"}:
        kit.pay(ref)
        # The shop's own worker may be about to hand the event over: here it must be known now.
        fulfil(kit.newest_attempt(order_id).provider, ref)
    if state in {"sent", "delivered"}:
        items = db.session.scalars(select(OrderItem).where(OrderItem.order_id == order_id))
        packed = {item.id: item.quantity for item in items}
        ship_order(order_id, packed, carrier="Colissimo", tracking_number="6A 1948 2207 315")
    if state == "delivered":
        deliver_order(order_id)
    if state == "part":
        item = db.session.scalars(select(OrderItem).where(OrderItem.order_id == order_id)).first()
        assert item
        line = RefundLine(item.id, 1, item.amount_total)
        note = "The cap was loose; she keeps the rest."
        send_refund(refund_order(order_id, line.amount, form_token=ref, lines=[line], note=note).id)
    if state == "refunded":
        fresh()
        total = db.session.get_one(Order, order_id).amount_total
        send_refund(refund_order(order_id, total, form_token=ref).id)


def invite(world: World, browser: Browser, url: str) -> None:
    """Sit visitors at browsers: a stranger, a guest with a full bag, the customer, staff."""
    world.visitors = {"stranger": None}
    with opened(browser, url) as page:
        _fill_bag(page, world)
        page.goto("/login")
        steps.sign_in(page, world.customer)
        world.visitors["customer"] = page.context.storage_state()
    with opened(browser, url) as page:
        _fill_bag(page, world)
        world.visitors["guest"] = page.context.storage_state()
    with opened(browser, url) as page:
        page.goto("/login")
        steps.sign_in(page, world.staff)
        world.visitors["staff"] = page.context.storage_state()


def _fill_bag(page: Page, world: World) -> None:
    for slug in (world.plain, world.chosen, world.few):
        steps.put_into_bag(page, slug)
