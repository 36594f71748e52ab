"""The page of keys: what each does, where one can go, and the switch for single keys."""

from dataclasses import dataclass

from flask import Blueprint, Response, flash, render_template, request
from flask_babel import gettext as _

from shop.admin.context import shell, staff
from shop.admin.keys.services import switch_single_keys
from shop.auth.guard import ANY_STAFF, needs
from shop.core.errors import BadInput
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("keys", __name__, url_prefix="/keys")


@dataclass(frozen=True)
class Command:
    """Somewhere to go, or something to begin; `keys`: those that do the same, "" for none."""

    url: str
    name: str
    keys: str = ""


@blueprint.get("")
@needs(ANY_STAFF)
def show() -> str:
    """Show the keys, and what the palette offers."""
    desks = shell()["desks"]
    goes = [(["g", desk.key], _("Go to %(desk)s", desk=desk.name)) for desk in desks if desk.key]
    commands = [Command(d.url, d.name, f"g {d.key}" if d.key else "") for d in desks]
    return render_template(
        "admin/keys/show.html", shortcuts=_shortcuts(goes), commands=[*commands, *_beginnings()]
    )


@blueprint.post("")
@needs(ANY_STAFF)
def switch() -> Response:
    """Turn single keys on or off for oneself."""
    wanted = request.form.get("single")
    if wanted not in {"on", "off"}:
        raise BadInput(_("Choose on or off."))
    switch_single_keys(wanted == "on", staff=staff())
    flash(_("Single keys are on.") if wanted == "on" else _("Single keys are off."), "success")
    return redirect_to("/admin/keys", 303)


def _beginnings() -> list[Command]:
    """Return what can be begun from everywhere, by what one may, and desks within desks."""
    may = current_visitor().may
    new = [
        ("/admin/brands", _("Houses"), ["products.view"]),
        ("/admin/collections", _("Collections"), ["products.view"]),
        ("/admin/home", _("Home page"), ["pages.edit"]),
        ("/admin/stock/counts", _("Stocktakes"), ["products.view", "stock.edit"]),
        ("/admin/products/new", _("New product"), ["products.view", "products.edit"]),
        ("/admin/coupons/new", _("New coupon"), ["coupons.edit"]),
        ("/admin/categories/new", _("New category"), ["products.view", "products.edit"]),
        ("/admin/brands/new", _("New house"), ["products.view", "products.edit"]),
        ("/admin/collections/new", _("New collection"), ["products.view", "products.edit"]),
        ("/admin/pages/new", _("New page"), ["pages.edit"]),
        ("/admin/settings/delivery/zones/new", _("New zone"), ["settings.edit"]),
        ("/admin/staff/invitations/new", _("Invite a colleague"), ["staff.edit"]),
        ("/admin/staff/roles/new", _("New role"), ["staff.edit"]),
    ]
    made = [Command(url, name) for url, name, needed in new if all(map(may, needed))]
    last = [Command("/", _("View shop")), Command("/account", _("Your account"))]
    return [*made, *last, Command("/admin/keys", _("Keys"), "?")]


def _shortcuts(goes: list[tuple[list[str], str]]) -> list[tuple[list[str], str]]:
    """Return the keys, each with what it does."""
    return [
        (["/"], _("Find an order, a product, a coupon, a customer")),
        (["⌘ K", "Ctrl K"], _("Palette: go to, do or find")),
        *goes,
        (["n"], _("New, where the page makes something")),
        (["j"], _("Next row")),
        (["k"], _("Row before")),
        (["x"], _("Select the row")),
        (["Enter"], _("Open the row")),
        (["f"], _("Mark as sent: the selected orders, or this one")),
        (["r"], _("Refund this order")),
        (["⇧"], _("Held with a click: select all rows in between")),
        (["⌘ Enter", "Ctrl Enter"], _("Send the form you are in")),
        (["⌘ S", "Ctrl S"], _("Save what you edit")),
        (["?"], _("These keys")),
        (["Esc"], _("Leave the field, or close what is open")),
    ]
