"""The delivery desk: zones and methods are made, changed, put in order and deleted.

Where they are shown is a room of the settings (`shop/admin/settings/routes.py`).
"""

from typing import Final

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.delivery import queries, services
from shop.admin.delivery.forms import MethodForm, ZoneForm
from shop.admin.settings.queries import list_desk_carriers
from shop.auth.guard import needs
from shop.core.addresses import country_choices
from shop.core.customs import Border, border
from shop.core.errors import BadInput, NotFound, NotPermitted, ShopError
from shop.core.row_ids import parse_id
from shop.models import DeliveryMethod, DeliveryZone
from shop.settings.queries import shop_settings
from shop.web.responses import answer_shop_error, or_not_found, redirect_to

HOME: Final = "/admin/settings/delivery"
blueprint = Blueprint("delivery", __name__, url_prefix="/settings/delivery")


@blueprint.get("/zones/new")
@needs("settings.edit")
def new_zone() -> Response:
    """Show an empty zone; with `start` one with the countries that no border lies before."""
    _own, taken = queries.countries_of(None)
    near = _near(taken) if "start" in request.args else []
    data = {"name": _("Without a border") if near else "", "countries": near}
    return _zone_page(ZoneForm(taken, formdata=None, data=data))


@blueprint.post("/zones")
@needs("settings.edit")
def create_zone() -> Response:
    """Make a zone."""
    form, who = ZoneForm(queries.countries_of(None)[1]), staff()
    made = form.attempt(lambda: services.save_zone(None, None, form.values(), staff=who))
    if made is None:
        return _zone_page(form, status=form.status)
    return _done(_("The zone is made. Say how parcels go there."), f"/methods/new?zone={made}")


@blueprint.get("/zones/<int:zone_id>")
@needs("settings.edit")
def show_zone(zone_id: int) -> Response:
    """Show a zone."""
    zone = queries.get_zone(zone_id)
    return _zone_page(_zone_form(zone), zone)


@blueprint.post("/zones/<int:zone_id>")
@needs("settings.edit")
def update_zone(zone_id: int) -> Response:
    """Change a zone."""
    form, who = ZoneForm(queries.countries_of(zone_id)[1]), staff()
    seen = form.seen

    def save() -> str:
        return services.save_zone(zone_id, seen, form.values(), staff=who)

    if form.attempt(save) is None:
        return _zone_page(form, queries.get_zone(zone_id), status=form.status)
    return _done(_("Saved."), f"#zone-{zone_id}")


@blueprint.post("/zones/<int:zone_id>/place")
@needs("settings.edit")
def place_zone(zone_id: int) -> Response:
    """Move a zone up or down."""
    services.place_zone(zone_id, _step(), staff=staff())
    return redirect_to(f"{HOME}#zone-{zone_id}", 303)


@blueprint.post("/zones/<int:zone_id>/deletion")
@needs("settings.edit")
def delete_zone(zone_id: int) -> Response:
    """Delete a zone without methods."""
    services.delete_zone(zone_id, staff=staff())
    return _done(_("The zone is deleted."))


@blueprint.get("/methods/new")
@needs("settings.edit")
def new_method() -> Response:
    """Show an empty method, for the zone that `zone` names."""
    zone_id = parse_id(request.args.get("zone", ""))
    return _method_page(MethodForm.new(queries.list_zones(), list_desk_carriers(), zone_id))


@blueprint.post("/methods")
@needs("settings.edit")
def create_method() -> Response:
    """Make a method."""
    return _save_method(None)


@blueprint.get("/methods/<int:method_id>")
@needs("settings.edit")
def show_method(method_id: int) -> Response:
    """Show a method."""
    method = queries.get_method(method_id)
    return _method_page(_method_form(method), method)


@blueprint.post("/methods/<int:method_id>")
@needs("settings.edit")
def update_method(method_id: int) -> Response:
    """Change a method."""
    queries.get_method(method_id)
    return _save_method(method_id)


@blueprint.post("/methods/<int:method_id>/place")
@needs("settings.edit")
def place_method(method_id: int) -> Response:
    """Move a method up or down in its zone."""
    services.place_method(method_id, _step(), staff=staff())
    return redirect_to(f"{HOME}#method-{method_id}", 303)


@blueprint.post("/methods/<int:method_id>/deletion")
@needs("settings.edit")
def delete_method(method_id: int) -> Response:
    """Delete a method that no order was sold with."""
    services.delete_method(method_id, staff=staff())
    return _done(_("The method is deleted."))


@blueprint.errorhandler(ShopError)
@or_not_found
def refuse(error: ShopError) -> Response:
    """Show the zone or method as it is now, with what was wrong."""
    args = request.view_args or {}
    if not args or isinstance(error, (NotFound, NotPermitted)):
        return answer_shop_error(error)
    if "zone_id" in args:
        zone = queries.get_zone(args["zone_id"])
        return _zone_page(_zone_form(zone), zone, str(error), int(error.status))
    method = queries.get_method(args["method_id"])
    return _method_page(_method_form(method), method, str(error), int(error.status))


def _save_method(method_id: int | None) -> Response:
    form, who = MethodForm(queries.list_zones(), list_desk_carriers()), staff()
    seen = form.seen
    saved = form.attempt(lambda: services.save_method(method_id, seen, form.values(), staff=who))
    if saved is None:
        method = queries.get_method(method_id) if method_id else None
        return _method_page(form, method, status=form.status)
    return _done(f"{_('Saved.')} {form.as_read}".rstrip(), f"#method-{saved}")


def _near(taken: dict[str, str]) -> list[str]:
    own = shop_settings().ship_from_country
    return [
        code
        for code, _name in country_choices("en")
        if code not in taken and border(own, code) is Border.NONE
    ]


def _step() -> int:
    step = request.form.get("step")
    if step not in {"-1", "1"}:
        raise BadInput("Choose up or down.")
    return int(step)


def _zone_form(zone: DeliveryZone) -> ZoneForm:
    own, taken = queries.countries_of(zone.id)
    return ZoneForm.of(taken, zone, own)


def _method_form(method: DeliveryMethod) -> MethodForm:
    return MethodForm.of(queries.list_zones(), list_desk_carriers(), method)


def _zone_page(
    form: ZoneForm, zone: DeliveryZone | None = None, problem: str = "", status: int = 200
) -> Response:
    html = render_template("admin/delivery/zone.html", form=form, zone=zone, problem=problem)
    return make_response(html, status)


def _method_page(
    form: MethodForm, method: DeliveryMethod | None = None, problem: str = "", status: int = 200
) -> Response:
    html = render_template("admin/delivery/method.html", form=form, method=method, problem=problem)
    return make_response(html, status)


def _done(message: str, place: str = "") -> Response:
    flash(message, "success")
    return redirect_to(f"{HOME}{place}", 303)
