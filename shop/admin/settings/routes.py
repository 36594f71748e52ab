"""The settings desk: rooms with the merchant's choices, delivery, carriers, tax rates."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.delivery.queries import list_desk_zones
from shop.admin.jobs.queries import find_trial
from shop.admin.jobs.services import send_trial
from shop.admin.mail_texts.queries import list_texts
from shop.admin.settings import queries
from shop.admin.settings.forms import (
    CarrierForm,
    GroupForm,
    LogoForm,
    RateForm,
    TrialForm,
    logo_form,
    prefix_of,
)
from shop.admin.settings.logo import read_logo, remove_logo, save_logo
from shop.admin.settings.rooms import HOME, Room, find_room, rooms, search_rooms
from shop.admin.settings.services import (
    remove_rate,
    save_carrier,
    save_rate,
    save_settings,
)
from shop.auth.guard import needs
from shop.core import plaintext
from shop.core.clock import now
from shop.core.config import config
from shop.core.errors import NotFound
from shop.media.uploads import accept_uploads
from shop.models import LogoTheme
from shop.settings.closing import closed_until, is_closed
from shop.settings.forms import settings_form, words_of
from shop.settings.look import shop_look
from shop.settings.queries import shop_settings
from shop.web.responses import redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("settings", __name__, url_prefix="/settings")
accept_uploads(blueprint, "admin.settings.logo", may=lambda: current_visitor().may("settings.edit"))


@blueprint.get("")
@needs("settings.edit")
def index() -> str:
    """Show the rooms of the desk, or what a search finds in them."""
    word = plaintext.line(request.args.get("word", "")[:100])
    found_rooms, found = search_rooms(word)
    values, _versions = queries.load_settings([each.definition.key for each in found])
    return render_template(
        "admin/settings/index.html",
        rooms=rooms(),
        word=word,
        found_rooms=found_rooms,
        found=[(each, words_of(each.definition, values[each.definition.key])) for each in found],
    )


@blueprint.get("/<slug>")
@needs("settings.edit")
def show(slug: str) -> Response:
    """Show a room."""
    return _page(slug)


@blueprint.post("/<slug>")
@needs("settings.edit")
def update(slug: str) -> Response:
    """Change the settings of a room."""
    room = _room(slug)
    if not room.group:
        raise NotFound
    keys = [definition.key for definition in room.settings()]
    present, _versions = queries.load_settings(keys)
    form, who = settings_form(room.settings(), present, base=GroupForm), staff()
    seen, texts = form.seen, form.texts()
    if form.attempt(lambda: save_settings(keys, texts, seen, user_id=who.user_id)) is None:
        return _page(slug, form=form, status=form.status)
    return _done(slug)


@blueprint.post("/carriers", defaults={"carrier_id": None})
@blueprint.post("/carriers/<int:carrier_id>")
@needs("settings.edit")
def carrier(carrier_id: int | None) -> Response:
    """Add or change a carrier."""
    form = CarrierForm(prefix=prefix_of("c", carrier_id))
    seen, who = form.seen, staff()
    saved = form.attempt(lambda: save_carrier(carrier_id, seen, form.values(), staff=who))
    if saved is None:
        return _page("delivery", carriers={carrier_id: form}, status=form.status)
    return _done("delivery#carriers")


@blueprint.post("/test-mail")
@needs("settings.edit")
def test_mail() -> Response:
    """Queue a test mail to an address."""
    form, who = TrialForm(), staff()
    if form.attempt(lambda: send_trial(form.address(), staff=who)) is None:
        return _page("mail", trial=form, status=form.status)
    flash(_("The test mail is on its way. This page says what becomes of it."), "success")
    return redirect_to(f"{HOME}/mail", 303)


@blueprint.post("/logo/<theme>")
@needs("settings.edit")
def logo(theme: str) -> Response:
    """Put up the logo for a theme."""
    of, who = _logo_theme(theme), staff()
    form = logo_form(of, is_posted=True)
    saved = form.attempt(lambda: save_logo(of, read_logo(form.content()), staff=who))
    if saved is None:
        return _page("look", logos={of: form}, status=form.status)
    return _done(f"look#logo-{of}")


@blueprint.post("/logo/<theme>/removal")
@needs("settings.edit")
def drop_logo(theme: str) -> Response:
    """Take the logo for a theme down."""
    remove_logo(_logo_theme(theme), staff=staff())
    return _done("look")


@blueprint.post("/tax-rates")
@needs("settings.edit")
def rate() -> Response:
    """Set the tax rate of a class in a country, or remove it."""
    form = RateForm()
    use = remove_rate if "remove" in request.form else save_rate
    if form.attempt(lambda: use(form.values(), user_id=staff().user_id)) is None:
        return _page("tax-rates", rate=form, status=422)
    return _done("tax-rates")


def _page(slug: str, *, status: int = 200, **sent: Any) -> Response:
    """Return a room; `sent`: the form of it that came back, by the name its loader knows."""
    room = _room(slug)
    load: Callable[..., dict[str, Any]] = LOADERS.get(slug, dict)
    template = f"admin/settings/{slug}.html" if slug in LOADERS else "admin/settings/room.html"
    form = sent.pop("form", None) or _group_form(room)
    html = render_template(template, rooms=rooms(), room=room, form=form, **load(**sent))
    return make_response(html, status)


def _room(slug: str) -> Room:
    room = find_room(slug)
    if room is None:
        raise NotFound
    return room


def _delivery(*, carriers: Mapping[int | None, CarrierForm] | None = None) -> dict[str, Any]:
    carriers = carriers or {}
    return {
        "zones": list_desk_zones(),
        "currency": config().currency,
        "carriers": [
            (one, carriers.get(one.id) or CarrierForm.blank(one))
            for one in queries.list_desk_carriers()
        ],
        "new_carrier": carriers.get(None) or CarrierForm.blank(None),
    }


def _tax_rates(*, rate: RateForm | None = None) -> dict[str, Any]:
    return {"rates": queries.list_rates(), "rate": rate or RateForm.blank()}


def _payments() -> dict[str, Any]:
    return {"ways_to_pay": queries.list_ways_to_pay()}


def _mail(*, trial: TrialForm | None = None) -> dict[str, Any]:
    trial = trial or TrialForm.blank(current_visitor().email)
    return {
        "texts": list_texts(),
        "trial": trial,
        "newest_trial": find_trial(),
        "config": config(),
    }


def _maintenance() -> dict[str, Any]:
    settings = shop_settings()
    return {
        "is_on": settings.maintenance,
        "is_closed": is_closed(settings, now(), config().timezone),
        "until": closed_until(settings, config().timezone),
    }


def _look(*, logos: Mapping[LogoTheme, LogoForm] | None = None) -> dict[str, Any]:
    sent, look = logos or {}, shop_look()
    light, dark = LogoTheme.LIGHT, LogoTheme.DARK
    return {
        "logos": [
            (light, _("Logo"), sent.get(light) or logo_form(light), look.light),
            (dark, _("Logo on dark ground"), sent.get(dark) or logo_form(dark), look.dark),
        ]
    }


def _logo_theme(text: str) -> LogoTheme:
    if text not in set(LogoTheme):
        raise NotFound
    return LogoTheme(text)


# What a room with a template of its own shows beside its settings.
LOADERS: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    "delivery": _delivery,
    "tax-rates": _tax_rates,
    "payments": _payments,
    "look": _look,
    "mail": _mail,
    "maintenance": _maintenance,
}


def _group_form(room: Room) -> GroupForm:
    definitions = room.settings()
    present, versions = queries.load_settings([definition.key for definition in definitions])
    form = settings_form(definitions, present, base=GroupForm, is_posted=False)
    form.version.data = str(sum(versions.values()))
    return form


def _done(place: str, as_read: str = "") -> Response:
    flash(f"{_('Saved.')} {as_read}".rstrip(), "success")
    return redirect_to(f"{HOME}/{place}", 303)
