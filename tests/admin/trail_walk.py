"""A valid request for each form of staff that changes something, as a browser would send it."""

import re
import secrets
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import select

from shop.core.clock import now
from shop.core.db import db, transaction
from shop.jobs import drain
from shop.models import AuditEntry, Job, JobState, MailMessage, ProductVariant, Role
from tests.admin.kit import picture
from tests.admin.staff_walk import Sent, Walk
from tests.contact.test_contact import write_message
from tests.factories import make_brand, make_category, make_product


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


def _revocation(walk: Walk) -> Sent:
    product = walk.product(is_active=False)
    walk.do(walk.form(product, "/preview"))
    return walk.form(product, "/preview/revocation")


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


def _section(walk: Walk, make: Callable[..., Any], kind: str) -> str:
    return walk.section(make, kind, secrets.token_hex(4))


def _arranged(walk: Walk, page: str, *, act: str = "") -> Sent:
    """Return the form of an order, turned round."""
    url, form = walk.form(page, page.split("?", maxsplit=1)[0], but="act")
    pieces = [key for key in form["was"].split(",") if key]
    return url, {**form, "piece": pieces[::-1]} | ({"act": act} if act else {})


def _pieces(walk: Walk, kind: str) -> Sent:
    with walk.app.app_context():
        category = make_category(secrets.token_hex(4))
        ids = [make_product("Ambre", category=category).id for _ in range(2)]
    if kind == "categories":
        return _arranged(walk, f"/admin/categories/{category.id}/pieces")
    page = f"{walk.collection()}/pieces"
    return _arranged(walk, page, act=f"add-{ids[0]}")


def _moved(walk: Walk, page: str) -> Sent:
    return walk.form("/admin/settings/delivery", f"{page}/place", step="-1")


def _unblock(walk: Walk) -> Sent:
    customer = walk.customer()
    walk.do(walk.form(f"{customer}/block", "/block"))
    return walk.form(customer, "/block/end")


def _reset_text(walk: Walk) -> Sent:
    walk.do(REQUESTS["admin.mail_texts.update"](walk))
    return walk.form(PAID_TEXT, "/reset")


def _mail(walk: Walk) -> Sent:
    walk.order()
    with walk.app.app_context():
        drain()
        newest = db.session.scalars(select(MailMessage.id).order_by(MailMessage.id.desc())).first()
    return walk.form(f"/admin/mails/{newest}", "/again")


def _drop_logo(walk: Walk) -> Sent:
    walk.do(REQUESTS["admin.settings.logo"](walk))
    return walk.form("/admin/settings/look", "/logo/light/removal")


def _invite(walk: Walk) -> Sent:
    walk.role()
    return walk.form("/admin/staff/invitations/new", "/invitations", email="paula@example.org")


def _count(walk: Walk) -> Sent:
    url, form = walk.form(walk.stocktake(), "/lines")
    counted = next(name for name in form if name.startswith("counted-"))
    return url, {**form, counted: "2"}


def _scan(walk: Walk) -> Sent:
    page = walk.stocktake()
    with walk.app.app_context():
        sku = db.session.scalars(select(ProductVariant.sku).order_by(ProductVariant.id)).first()
    return walk.form(page, "/scans", code=sku)


TYPED: Final = {"title": "Returns", "source": "Sixty days.", "section": "help", "position": "1"}
TWO: Final = ({"option_values": ["A"]}, {"option_values": ["B"]})
METHOD: Final = {"name": "By bicycle", "price": "4.00", "min_days": "1", "max_days": "2"}
STORY: Final = {"title": "The atelier", "text": "By hand."}
PAID_TEXT: Final = "/admin/settings/mail/order_paid"
DELIVERY: Final = "/admin/settings/delivery"
REQUESTS: Final[dict[str, Callable[[Walk], Sent]]] = {
    "admin.collections.create": lambda w: w.form(
        "/admin/collections/new", "/collections", name="Gifts"
    ),
    "admin.collections.delete": lambda w: w.form(w.collection(), "/deletion"),
    "admin.collections.place": lambda w: w.form(_two(w.collection), "/place", step="1"),
    "admin.collections.update": lambda w: w.form((c := w.collection()), c, name="Presents"),
    "admin.contact.change": lambda w: w.form(f"{w.order()}/contact", "/contact", city="Nice"),
    "admin.coupons.batch": lambda w: w.form(
        "/admin/coupons/batches/new", "/batches", name="Letters", count="2"
    ),
    "admin.coupons.change": lambda w: w.form((c := w.coupon()), c, limit="9"),
    "admin.coupons.create": lambda w: w.form("/admin/coupons/new", "/coupons", kind="percent"),
    "admin.coupons.end": lambda w: w.form(w.coupon(), "/end"),
    "admin.coupons.switch": lambda w: w.form(w.coupon(), "/state"),
    "admin.customers.block": lambda w: w.form(f"{w.customer()}/block", "/block"),
    "admin.customers.erase": lambda w: w.form(f"{w.customer()}/erasure", "/erasure"),
    "admin.customers.note": lambda w: w.form(w.customer(), "/notes", note="Likes roses."),
    "admin.customers.send_link": lambda w: w.form(w.customer(), "/password"),
    "admin.customers.sign_out": lambda w: w.form(w.customer(), "/sessions/end"),
    "admin.customers.unblock": _unblock,
    "admin.delivery.create_method": lambda w: w.form(
        f"{DELIVERY}/methods/new?zone=1", "/methods", **METHOD
    ),
    "admin.delivery.create_zone": lambda w: w.form(
        f"{DELIVERY}/zones/new", "/zones", but="is_rest", name="Overseas", countries=[w.far.pop()]
    ),
    "admin.delivery.delete_method": lambda w: w.form(w.method(), "/deletion"),
    "admin.delivery.delete_zone": lambda w: w.form(w.zone(), "/deletion"),
    "admin.delivery.place_method": lambda w: _moved(w, w.method()),
    "admin.delivery.place_zone": lambda w: _moved(w, w.zone()),
    "admin.delivery.update_method": lambda w: w.form((m := w.method()), m, name="By van"),
    "admin.delivery.update_zone": lambda w: w.form((z := w.zone()), z, name="Far away"),
    "admin.dispatch.send": _dispatch,
    "admin.events.replay": lambda w: w.form(w.order(), "/events/*/replay"),
    "admin.home.arrange": lambda w: _arranged(w, w.home()),
    "admin.home.create": lambda w: w.form("/admin/home/blocks/new?kind=story", "/blocks", **STORY),
    "admin.home.discard": lambda w: w.form(w.home(), "/discard"),
    "admin.home.publish": lambda w: w.form(w.home(), "/publication"),
    "admin.home.update": lambda w: w.form((b := w.block()), b, **STORY),
    "admin.jobs.again": _job,
    "admin.keys.switch": lambda w: w.form("/admin/keys", "/keys"),
    "admin.mail_texts.reset": _reset_text,
    "admin.mail_texts.test": lambda w: w.form(PAID_TEXT, "/test"),
    "admin.mail_texts.update": lambda w: w.form(
        PAID_TEXT, PAID_TEXT, but="as", greeting=secrets.token_hex(4)
    ),
    "admin.mails.again": _mail,
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
    "admin.pieces.arrange_category": lambda w: _pieces(w, "categories"),
    "admin.pieces.arrange_collection": lambda w: _pieces(w, "collections"),
    "admin.plans.duplicate": lambda w: w.form(w.product(), "/copies"),
    "admin.plans.save": lambda w: w.form(f"{w.product()}/plan", "/plan", on_at="2036-05-01T08:00"),
    "admin.plans.revoke": _revocation,
    "admin.plans.share": lambda w: w.form(w.product(is_active=False), "/preview"),
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
        _two(lambda: _section(w, make_brand, "brands")), "/place", step="1"
    ),
    "admin.sections.place_category": lambda w: w.form(
        _two(lambda: _section(w, make_category, "categories")),
        "/place",
        step="1",
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
    "admin.settings.drop_logo": _drop_logo,
    "admin.settings.logo": lambda w: w.form(
        "/admin/settings/look", "/logo/light", picture=(picture(), "logo.png")
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
    "admin.staff_invitations.again": lambda w: w.form(w.invitation(), "/mail"),
    "admin.staff_invitations.end": lambda w: w.form(w.invitation(), "/end"),
    "admin.staff_invitations.invite": _invite,
    "admin.staff.switch": lambda w: w.form(w.colleague(), "/access"),
    "admin.stock.save": _stock,
    "admin.stocktakes.begin": lambda w: w.form(w.stocktakes(), "/counts", scope="all"),
    "admin.stocktakes.book": lambda w: w.form(w.stocktake(), "/booking"),
    "admin.stocktakes.count": _count,
    "admin.stocktakes.drop": lambda w: w.form(w.stocktake(), "/drop"),
    "admin.stocktakes.scan": _scan,
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
DEEDS: Final = {
    "admin.settings.test_mail": "sends a mail to whoever asks for it",
    "admin.mail_texts.test": "sends a mail to whoever asks for it",
}
# What changes nothing, although it is asked for by a form.
READS: Final = {"admin.mail_texts.try_out": "shows what was typed as it would be sent"}

# Forms that overtake nobody, and why: the others carry a version, without which they are stale.
_MAKES: Final = "makes something new, or does something once more"
_DECIDES: Final = "asks for one state, which either is reached already or can still be reached"
_COUNTS: Final = "adds or takes a number, whatever is there by then"
UNVERSIONED: Final = {
    **dict.fromkeys(
        ["admin.collections.create", "admin.coupons.batch", "admin.coupons.create",
         "admin.customers.note", "admin.customers.send_link",
         "admin.delivery.create_method", "admin.delivery.create_zone", "admin.home.create",
         "admin.mail_texts.test", "admin.mails.again", "admin.plans.duplicate", "admin.plans.share",
         "admin.staff_invitations.again", "admin.staff_invitations.invite",
         "admin.stocktakes.begin", "admin.events.replay", "admin.jobs.again",
         "admin.orders.note",
         "admin.orders.resend", "admin.pages.begin", "admin.pages.create",
         "admin.products.create", "admin.products.create_variant", "admin.products.sync",
         "admin.roles.create", "admin.sections.create_brand", "admin.sections.create_category",
         "admin.settings.carrier", "admin.settings.test_mail",
         "admin.variants.combine", "admin.views.save"],
        _MAKES,
    ),
    **dict.fromkeys(
        ["admin.collections.delete", "admin.coupons.end", "admin.coupons.switch",
         "admin.customers.block", "admin.customers.erase", "admin.customers.sign_out",
         "admin.customers.unblock", "admin.delivery.delete_method", "admin.delivery.delete_zone",
         "admin.settings.drop_logo", "admin.settings.logo", "admin.staff_invitations.end",
         "admin.stocktakes.book", "admin.stocktakes.drop",
         "admin.keys.switch", "admin.messages.settle", "admin.plans.revoke",
         "admin.orders.cancel_unpaid", "admin.orders.deliver", "admin.orders.receive",
         "admin.orders.refund_outcome", "admin.orders.restock", "admin.orders.review",
         "admin.pages.drop_version", "admin.pages.hide", "admin.pages.remove",
         "admin.products.bulk", "admin.products.status", "admin.products.withdraw_variant",
         "admin.roles.remove", "admin.sections.delete_brand", "admin.sections.delete_category",
         "admin.staff.reset", "admin.staff.sign_out", "admin.staff.switch", "admin.views.delete"],
        _DECIDES,
    ),
    **dict.fromkeys(
        ["admin.collections.place", "admin.delivery.place_method", "admin.delivery.place_zone",
         "admin.products.stock", "admin.stocktakes.scan", "admin.sections.place_brand",
         "admin.sections.place_category"],
        _COUNTS,
    ),
    **dict.fromkeys(
        ["admin.home.arrange", "admin.home.discard", "admin.home.publish",
         "admin.pieces.arrange_category", "admin.pieces.arrange_collection", "admin.plans.save",
         "admin.staff.give", "admin.stock.save"],
        "carries what was seen instead",
    ),
    "admin.pages.restore": "writes a draft, which the trail gives back",
    "admin.products.pictures": "describes pictures, each by its own words",
    "admin.settings.drop_logo": _drop_logo,
    "admin.settings.logo": lambda w: w.form(
        "/admin/settings/look", "/logo/light", picture=(picture(), "logo.png")
    ),
    "admin.settings.rate": "names a country, a class and a rate: one row, as it is to be",
    "admin.stocktakes.begin": lambda w: w.form(w.stocktakes(), "/counts", scope="all"),
    "admin.stocktakes.book": lambda w: w.form(w.stocktake(), "/booking"),
    "admin.stocktakes.count": _count,
    "admin.stocktakes.drop": lambda w: w.form(w.stocktake(), "/drop"),
    "admin.stocktakes.scan": _scan,
    "admin.trail.revert": "is compared with what the entry left",
    "admin.views.rename": "is one's own list",
}  # fmt: skip


def overtaken(form: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a form sends that was made from another version; None where it has none."""
    names = [name for name in form if re.fullmatch(r"(.+-)?version(-.+)?", name) and form[name]]
    stale = {name: str(int(form[name]) + 7) for name in names}
    return {**form, **stale} if stale else None


def _two(make: Callable[[], str]) -> str:
    """Make two things; return the page of the list that they stand in."""
    return [make(), make()][0].rsplit("/", 1)[0]


def _changed(walk: Walk) -> str:
    """Change a piece; return the entry that says so."""
    walk.do(REQUESTS["admin.products.update"](walk))
    with walk.app.app_context():
        newest = db.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id.desc())).first()
        return f"/admin/trail/{newest}"
