"""The settings desk: the merchant's choices by group, delivery methods, carriers, tax rates."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.jobs.queries import find_trial
from shop.admin.jobs.services import send_trial
from shop.admin.settings import queries
from shop.admin.settings.forms import (
    CarrierForm,
    GroupForm,
    MethodForm,
    RateForm,
    TrialForm,
    prefix_of,
)
from shop.admin.settings.services import (
    remove_rate,
    save_carrier,
    save_method,
    save_rate,
    save_settings,
)
from shop.auth.guard import needs
from shop.core.config import config
from shop.core.errors import NotFound
from shop.settings.forms import settings_form
from shop.settings.kinds import Definition, Value
from shop.settings.registry import DEFINITIONS, groups
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


@blueprint.get("")
@needs("settings.edit")
def index() -> Response:
    """Show all settings."""
    return _page()


@blueprint.post("/<group>")
@needs("settings.edit")
def update(group: str) -> Response:
    """Change the settings of a group."""
    found = {_anchor(name): definitions for name, definitions in groups().items()}
    if group not in found:
        raise NotFound
    keys = [definition.key for definition in found[group]]
    present, _versions = queries.load_settings(keys)
    form, who = settings_form(found[group], present, base=GroupForm), staff()
    seen, texts = form.seen, form.texts()
    if form.attempt(lambda: save_settings(keys, texts, seen, user_id=who.user_id)) is None:
        return _page(forms={group: form}, status=form.status)
    return _done(group)


@blueprint.post("/delivery-methods", defaults={"method_id": None})
@blueprint.post("/delivery-methods/<int:method_id>")
@needs("settings.edit")
def method(method_id: int | None) -> Response:
    """Add or change a delivery method."""
    form = MethodForm(queries.list_desk_carriers(), prefix=prefix_of("m", method_id))
    seen, who = form.seen, staff()
    saved = form.attempt(lambda: save_method(method_id, seen, form.values(), staff=who))
    if saved is None:
        return _page(methods={method_id: form}, status=form.status)
    return _done("delivery-methods", form.as_read)


@blueprint.post("/carriers", defaults={"carrier_id": None})
@blueprint.post("/carriers/<int:carrier_id>")
@needs("settings.edit")
def carrier(carrier_id: int | None) -> Response:
    """Add or change a carrier."""
    form = CarrierForm(prefix=prefix_of("c", carrier_id))
    seen, who = form.seen, staff()
    saved = form.attempt(lambda: save_carrier(carrier_id, seen, form.values(), staff=who))
    if saved is None:
        return _page(carriers={carrier_id: form}, status=form.status)
    return _done("carriers")


@blueprint.post("/test-mail")
@needs("settings.edit")
def test_mail() -> Response:
    """Queue a test mail to an address."""
    form, who = TrialForm(), staff()
    if form.attempt(lambda: send_trial(form.address(), staff=who)) is None:
        return _page(trial=form, status=form.status)
    flash(_("The test mail is on its way. This page says what becomes of it."), "success")
    return redirect_to("/admin/settings#test-mail", 303)


@blueprint.post("/tax-rates")
@needs("settings.edit")
def rate() -> Response:
    """Set the tax rate of a class in a country, or remove it."""
    form = RateForm()
    use = remove_rate if "remove" in request.form else save_rate
    if form.attempt(lambda: use(form.values(), user_id=staff().user_id)) is None:
        return _page(rate=form, status=422)
    return _done("tax-rates")


def _page(
    *,
    forms: dict[str, object] | None = None,
    methods: dict[int | None, MethodForm] | None = None,
    carriers: dict[int | None, CarrierForm] | None = None,
    rate: RateForm | None = None,
    trial: TrialForm | None = None,
    status: int = 200,
) -> Response:
    loaded = queries.load_settings(DEFINITIONS)
    shown = []
    for name, definitions in groups().items():
        posted = (forms or {}).get(_anchor(name))
        shown.append((_anchor(name), name, posted or _group_form(definitions, *loaded)))
    known, methods, carriers = queries.list_desk_carriers(), methods or {}, carriers or {}
    html = render_template(
        "admin/settings/index.html",
        groups=shown,
        methods=[
            (method, methods.get(method.id) or MethodForm.blank(method, known))
            for method in queries.list_desk_methods()
        ],
        new_method=methods.get(None) or MethodForm.blank(None, known),
        carriers=[(one, carriers.get(one.id) or CarrierForm.blank(one)) for one in known],
        new_carrier=carriers.get(None) or CarrierForm.blank(None),
        rates=queries.list_rates(),
        rate=rate or RateForm.blank(),
        trial=trial or TrialForm.blank(current_visitor().email),
        newest_trial=find_trial(),
        config=config(),
        ways_to_pay=queries.list_ways_to_pay(),
        roles=queries.list_staff(),
    )
    return make_response(html, status)


def _group_form(
    definitions: list[Definition], present: Mapping[str, Value], versions: Mapping[str, int]
) -> GroupForm:
    form = settings_form(definitions, present, base=GroupForm, is_posted=False)
    form.version.data = str(sum(versions.get(d.key, 0) for d in definitions))
    return form


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-")


def _done(anchor: str, as_read: str = "") -> Response:
    flash(f"{_('Saved.')} {as_read}".rstrip(), "success")
    return redirect_to(f"/admin/settings#{anchor}", 303)
