"""Every page and state that people see, and how one gets there. Tests and screenshots use them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.boutique import NEVER, one_in
from tests.browser.world import CODE, World

Show = Callable[[Page, World], None]


@dataclass(frozen=True)
class Scene:
    """A page in a state: who looks at it, and how it is reached."""

    name: str
    visitor: str
    show: Show


SCENES: dict[str, Scene] = {}


def scene(visitor: str = "stranger") -> Callable[[Show], Show]:
    """Make the function, which brings a page there, a scene of its name."""

    def keep(show: Show) -> Show:
        name = show.__name__.replace("_", "-")
        SCENES[name] = Scene(name, visitor, show)
        return show

    return keep


def _plain(name: str, path: str, visitor: str = "stranger") -> None:
    """A scene that is just an address; `path` may name fields of the world."""

    def show(page: Page, world: World) -> None:
        page.goto(path.format(world=world))

    SCENES[name] = Scene(name, visitor, show)


_plain("home", "/")
_plain("home-of-a-customer", "/", "customer")
_plain("list", "/products")
_plain("list-filtered", "/products?max_price=200&in_stock=1&sort=price")
_plain("list-last-page", "/products?page=2")
_plain("list-nothing", "/products?q=zzzzzz")
_plain("category", "/categories/{world.category}")
_plain("product", "/products/{world.plain}")
_plain("product-options", "/products/{world.chosen}")
_plain("product-few", "/products/{world.few}")
_plain("product-gone", "/products/{world.gone}")
_plain("menu", "/menu")
_plain("not-found", "/nowhere")
_plain("bag", "/cart", "guest")
_plain("bag-empty", "/cart")
_plain("checkout", "/checkout", "guest")
_plain("checkout-of-a-customer", "/checkout", "customer")
_plain("cancel-unknown", "/checkout/cancel")
_plain("success-unknown", "/checkout/success?session_id=cs_test_unknown")
_plain("orders", "/orders", "customer")
_plain("orders-none", "/orders?q=nothing-like-it", "customer")
for _state in (
    "pending",
    "processing",
    "paid",
    "sent",
    "delivered",
    "refunded",
    "part",
    "canceled",
):
    _plain(f"order-{_state}", f"/orders/{{world.orders[{_state}].number}}", "customer")
_plain("order-transfer", "{world.orders[transfer].link}")
_plain("login", "/login")
_plain("register", "/register")
_plain("forgot", "/password/forgot")
_plain("confirm-address", "{world.proof}")
_plain("reset", "{world.reset}")
_plain("reset-dead", "/password/reset/dead")
_plain("account", "/account", "customer")
_plain("account-details", "/account/details", "customer")
_plain("account-addresses", "/account/addresses", "customer")
_plain("account-address", "/account/addresses/new", "customer")
_plain("account-address-kept", "/account/addresses/{world.address_id}", "customer")
_plain("account-security", "/account/security", "customer")
_plain("account-email", "/account/email", "customer")
_plain("account-password", "/account/password", "customer")
_plain("account-email-dead", "/account/email/dead", "customer")
_plain("account-undo", "/account/undo", "customer")
_plain("account-close", "/account/close", "customer")
_plain("admin", "/admin/", "staff")
_plain("admin-reports", "/admin/reports?by=product", "staff")
_plain("admin-orders", "/admin/orders", "staff")
_plain("admin-orders-all", "/admin/orders?view=all", "staff")
_plain("admin-orders-none", "/admin/orders?view=attention", "staff")
_plain("admin-order", "/admin/orders/{world.orders[paid].number}", "staff")
_plain("admin-order-sent", "/admin/orders/{world.orders[sent].number}", "staff")
_plain("admin-order-pending", "/admin/orders/{world.orders[pending].number}", "staff")
_plain("admin-order-transfer", "/admin/orders/{world.orders[transfer].number}", "staff")
_plain("admin-order-refunded", "/admin/orders/{world.orders[refunded].number}", "staff")
_plain("admin-order-part", "/admin/orders/{world.orders[part].number}", "staff")
_plain("admin-refund", "/admin/orders/{world.orders[part].number}/refund", "staff")
_plain("admin-orders-filtered", "/admin/orders?view=all&country=FR&coupon=merci10", "staff")
_plain("admin-parcel", "/admin/orders/{world.orders[sent].number}/parcels/1", "staff")
_plain("admin-contact", "/admin/orders/{world.orders[paid].number}/contact", "staff")
_plain("admin-orders-views", "/admin/orders/views", "staff")
_plain(
    "admin-dispatch",
    "/admin/orders/dispatch?order={world.orders[paid].number}&order={world.orders[sent].number}",
    "staff",
)
_plain(
    "admin-slips",
    "/admin/orders/slips?order={world.orders[paid].number}&order={world.orders[canceled].number}",
    "staff",
)
_plain("admin-products", "/admin/products", "staff")
_plain("admin-product", "/admin/products/{world.product_id}", "staff")
_plain("admin-product-options", "/admin/products/{world.product_id}/options", "staff")
_plain("admin-product-grid", "/admin/products/{world.product_id}/grid", "staff")
_plain("admin-product-plan", "/admin/products/{world.product_id}/plan", "staff")
_plain("admin-stock", "/admin/stock", "staff")
_plain("admin-stock-low", "/admin/stock?view=low", "staff")
_plain("admin-stock-ledger", "/admin/stock/{world.variant_id}", "staff")
_plain("admin-stocktakes", "/admin/stock/counts", "staff")
_plain("admin-stocktake", "/admin/stock/counts/1", "staff")
_plain("admin-stocktake-differs", "/admin/stock/counts/1?view=differs", "staff")
_plain("admin-categories", "/admin/categories", "staff")
_plain("admin-customers", "/admin/customers", "staff")
_plain("admin-customers-gold", "/admin/customers?tier=gold", "staff")
_plain("admin-customer", "/admin/customers/{world.customer_id}", "staff")
_plain("admin-customer-block", "/admin/customers/{world.customer_id}/block", "staff")
_plain("admin-customer-erasure", "/admin/customers/{world.customer_id}/erasure", "staff")
_plain("admin-category", "/admin/categories/1", "staff")
_plain("admin-category-pieces", "/admin/categories/1/pieces?q=candle", "staff")
_plain("admin-collections", "/admin/collections", "staff")
_plain("admin-collection", "/admin/collections/{world.collection_id}", "staff")
_plain("admin-collection-pieces", "/admin/collections/{world.collection_id}/pieces", "staff")
_plain("collection", "/collections/gifts")
_plain("admin-home", "/admin/home", "staff")
_plain("admin-home-block", "/admin/home/blocks/new?kind=hero", "staff")
_plain("admin-home-row", "/admin/home/blocks/new?kind=pieces", "staff")
_plain("admin-home-preview", "/admin/home/preview", "staff")
_plain("admin-trail", "/admin/trail", "staff")
_plain("admin-keys", "/admin/keys", "staff")
_plain("admin-jobs", "/admin/jobs", "staff")
_plain("admin-settings-delivery", "/admin/settings/delivery", "staff")
_plain("admin-delivery-zone", "/admin/settings/delivery/zones/1", "staff")
_plain("admin-delivery-method", "/admin/settings/delivery/methods/1", "staff")
_plain("page", "/pages/privacy")
_plain("page-former", "/pages/privacy/versions/1")
_plain("contact", "/contact")
_plain("contact-thanks", "/contact/thanks")
_plain("admin-pages", "/admin/pages", "staff")
_plain("admin-page", "/admin/pages/{world.page_id}", "staff")
_plain("admin-page-new", "/admin/pages/new", "staff")
_plain("admin-page-version", "/admin/pages/{world.page_id}/versions/2", "staff")
_plain("admin-page-delete", "/admin/pages/{world.page_id}/deletion", "staff")
_plain("admin-messages", "/admin/messages", "staff")
_plain("admin-message", "/admin/messages/1", "staff")
_plain("admin-product-new", "/admin/products/new", "staff")
_plain("admin-staff", "/admin/staff", "staff")
_plain("admin-staff-invite", "/admin/staff/invitations/new", "staff")
_plain("invitation", "{world.invitation}")
_plain("invitation-dead", "/invite/dead")
_plain("admin-role-new", "/admin/staff/roles/new", "staff")
_plain("admin-coupons", "/admin/coupons?view=all", "staff")
_plain("admin-coupon-new", "/admin/coupons/new", "staff")
_plain("admin-coupon", "/admin/coupons/1", "staff")
_plain("admin-luck", "/admin/coupons/luck", "staff")
_plain("admin-coupons-batch", "/admin/coupons/batches/new", "staff")
_plain("admin-settings", "/admin/settings", "staff")
_plain("admin-settings-shop", "/admin/settings/shop", "staff")
_plain("admin-settings-maintenance", "/admin/settings/maintenance", "staff")
_plain("admin-mails", "/admin/mails", "staff")
_plain("admin-mail", "/admin/mails/1", "staff")
_plain("admin-settings-company", "/admin/settings/company", "staff")
_plain("admin-settings-look", "/admin/settings/look", "staff")
_plain("admin-settings-mail", "/admin/settings/mail", "staff")
_plain("admin-mail-text", "/admin/settings/mail/order_paid", "staff")
_plain("admin-settings-found", "/admin/settings?word=country", "staff")


@scene("staff")
def admin_trail_entry(page: Page, world: World) -> None:
    page.goto("/admin/trail?thing=setting")
    page.get_by_role("link", name="Settings: change").first.click()
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()


@scene("staff")
def admin_keys_told(page: Page, world: World) -> None:
    page.goto("/admin/orders")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys").get_by_role("table")).to_be_visible()


@scene("staff")
def admin_letter(page: Page, world: World) -> None:
    page.goto(f"/admin/orders/{world.orders['paid'].number}")
    page.get_by_role("link", name="Look at it").first.click()
    inside = page.frame_locator("iframe")
    expect(inside.get_by_role("heading").first).to_be_visible()


@scene("staff")
def admin_palette(page: Page, world: World) -> None:
    page.goto("/admin/orders")
    page.keyboard.press("Control+k")
    page.keyboard.type("new")
    expect(page.locator("#palette").get_by_role("option").last).to_be_visible()


@scene()
def search_sheet(page: Page, world: World) -> None:
    page.goto("/products")
    page.get_by_role("link", name="Search").click()
    page.keyboard.type("an")
    expect(page.locator("#find").get_by_role("link").first).to_be_visible()


@scene()
def menu_drawer(page: Page, world: World) -> None:
    page.goto("/")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="Menu").click()
    expect(page.get_by_role("dialog", name="Menu")).to_be_visible()


@scene("guest")
def bag_drawer(page: Page, world: World) -> None:
    page.goto("/")
    page.locator("#cart-link").click()
    expect(page.locator("#bag").get_by_role("link", name="Check out")).to_be_visible()


@scene()
def bag_drawer_empty(page: Page, world: World) -> None:
    page.goto("/")
    page.locator("#cart-link").click()
    expect(page.locator("#bag").get_by_text("Your bag is empty")).to_be_visible()


@scene("guest")
def bag_refused(page: Page, world: World) -> None:
    page.goto("/cart")
    page.get_by_role("spinbutton").last.fill("99")
    page.get_by_role("spinbutton").last.press("Enter")
    expect(page.locator("#cart-problem")).to_be_visible()


@scene()
def bag_lucky(page: Page, world: World) -> None:
    """A prize with its minutes, counted, and beside it a code that cannot be used."""
    with one_in(world.app, 1):
        steps.put_into_bag(page, world.chosen)
        page.get_by_role("button", name="Draw a card").click()
        expect(page.get_by_role("timer")).to_be_visible()
    steps.enter_code(page, "NOPE")
    expect(page.locator("#code-error")).to_be_visible()


@scene()
def bag_unlucky(page: Page, world: World) -> None:
    """No prize, and a code that counted until a piece was taken out."""
    with one_in(world.app, NEVER):
        for slug in (world.chosen, world.plain):
            steps.put_into_bag(page, slug)
        steps.enter_code(page, CODE.lower())
        expect(page.get_by_text("Applied")).to_be_visible()
        page.get_by_role("button", name="Draw a card").click()
        expect(page.get_by_text("Better luck next time")).to_be_visible()
    page.locator("#cart").get_by_role("button", name="Remove").first.click()
    expect(page.get_by_text("Not counted")).to_be_visible()


@scene()
def checkout_with_code(page: Page, world: World) -> None:
    for slug in (world.chosen, world.plain):
        steps.put_into_bag(page, slug)
    steps.enter_code(page, CODE)
    expect(page.get_by_text("Applied")).to_be_visible()
    page.goto("/checkout")


@scene()
def toast(page: Page, world: World) -> None:
    page.goto("/products")
    page.locator(".card").get_by_role("button", name="Add").first.click()
    expect(page.locator("#toasts .toast")).to_be_visible()


@scene()
def filter_open(page: Page, world: World) -> None:
    page.goto("/products")
    page.locator("main summary").first.click()


@scene()
def contact_wrong(page: Page, world: World) -> None:
    page.goto("/contact")
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_role("alert")).to_be_focused()


@scene("staff")
def admin_page_preview(page: Page, world: World) -> None:
    page.goto(f"/admin/pages/{world.page_id}")
    page.get_by_label("Text", exact=True).fill("## Said anew\n\n- once")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview h2").last).to_have_text("Said anew")
    expect(page).to_have_url(re.compile(r"#preview$"))


@scene("guest")
def checkout_wrong(page: Page, world: World) -> None:
    page.goto("/checkout")
    page.get_by_role("button", name="Go to payment").click()
    expect(page.get_by_role("alert")).to_be_focused()


@scene("guest")
def checkout_abroad(page: Page, world: World) -> None:
    page.goto("/checkout")
    page.get_by_label("Country").select_option("CH")
    expect(page.locator("#duties")).to_contain_text("crosses a customs border")


@scene()
def payment(page: Page, world: World) -> None:
    page.goto(world.orders["pending"].link)
    page.get_by_role("button", name="Pay now").click()
    page.wait_for_url("**/c/pay/**")


@scene()
def payment_declined(page: Page, world: World) -> None:
    payment(page, world)
    steps.pay(page, "4000 0000 0000 0002")
    expect(page.get_by_test_id("sbx-error")).to_contain_text("declined")


@scene()
def payment_challenge(page: Page, world: World) -> None:
    payment(page, world)
    steps.pay(page, "4000 0000 0000 3220")
    expect(page.get_by_test_id("sbx-3ds-ok")).to_be_visible()


@scene()
def cancel(page: Page, world: World) -> None:
    page.goto(world.orders["pending"].link)
    page.goto(f"/checkout/cancel?order={world.orders['pending'].number}")
    expect(page.get_by_role("button", name="Continue payment")).to_be_visible()


@scene()
def success(page: Page, world: World) -> None:
    page.goto(world.orders["paid"].link)
    page.goto(f"/checkout/success?session_id={world.orders['paid'].ref}")
    expect(page.get_by_role("heading", name="Thank you, Camille")).to_be_visible()


@scene()
def success_processing(page: Page, world: World) -> None:
    page.goto(world.orders["processing"].link)
    page.goto(f"/checkout/success?session_id={world.orders['processing'].ref}")
    expect(page.get_by_role("heading", name="Your payment is on its way")).to_be_visible()


@scene()
def order_by_link(page: Page, world: World) -> None:
    page.goto(world.orders["sent"].link)


@scene()
def login_wrong(page: Page, world: World) -> None:
    page.goto("/login")
    page.get_by_label("Email address").fill("nobody")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_focused()


@scene()
def forgot_sent(page: Page, world: World) -> None:
    page.goto("/password/forgot")
    page.get_by_label("Email").fill("nobody@example.org")
    page.get_by_role("main").get_by_role("button").first.click()


@scene("staff")
def admin_product_wrong(page: Page, world: World) -> None:
    page.goto("/admin/products/new")
    page.get_by_role("button", name="Make product").click()
    expect(page.get_by_role("alert").first).to_be_visible()


@scene("staff")
def admin_product_draft(page: Page, world: World) -> None:
    """The desk of a draft that has a preview link."""
    page.goto(f"/admin/products/{world.product_id}")
    page.get_by_role("button", name="Duplicate").click()
    page.get_by_role("button", name="Make a preview link").click()
    expect(page.get_by_role("link", name="Open the preview")).to_be_visible()


@scene("staff")
def product_preview(page: Page, world: World) -> None:
    """A draft as whoever has its link sees it."""
    admin_product_draft(page, world)
    page.get_by_role("link", name="Open the preview").click()
    expect(page.get_by_text("This is a preview")).to_be_visible()
