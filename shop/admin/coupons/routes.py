"""The desk of coupons."""

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.coupons import queries, services
from shop.admin.coupons.files import codes_as_csv
from shop.admin.coupons.forms import BatchForm, BoundsForm, CouponForm
from shop.admin.coupons.labels import coupon_event_labels
from shop.admin.coupons.luck import read_luck
from shop.auth.guard import needs
from shop.core import plaintext
from shop.core.config import config
from shop.core.row_ids import parse_id
from shop.coupons.reading import least_text, off_text
from shop.models import Coupon
from shop.settings.queries import shop_settings
from shop.web.responses import redirect_to

blueprint = Blueprint("coupons", __name__, url_prefix="/coupons")


@blueprint.get("")
@needs("coupons.edit")
def index() -> str:
    """Show the coupons."""
    view = request.args.get("view", "active")
    chosen = queries.CouponFilter(
        view=view if view in queries.VIEWS else "active",
        text=plaintext.line(request.args.get("q", "")[:200]),
        batch=plaintext.line(request.args.get("batch", "")[:200]),
        page=_page_number(),
    )
    found = queries.list_coupons(chosen)
    return render_template(
        "admin/coupons/index.html",
        chosen=chosen,
        found=found,
        off=_off,
        currency=config().currency,
    )


@blueprint.get("/new")
@needs("coupons.edit")
def new() -> str:
    """Show the form of a new coupon, filled in."""
    return render_template("admin/coupons/new.html", form=CouponForm.fresh())


@blueprint.post("")
@needs("coupons.edit")
def create() -> Response:
    """Make a coupon."""
    form, who = CouponForm(), staff()
    made = form.attempt(lambda: services.make_coupon(form.code.data or "", form.terms(), staff=who))
    if made is None:
        return make_response(render_template("admin/coupons/new.html", form=form), form.status)
    return _done(made, _("The coupon is made."))


@blueprint.get("/batches/new")
@needs("coupons.edit")
def new_batch() -> str:
    """Show the form of a batch of codes."""
    return render_template("admin/coupons/batch.html", form=BatchForm.fresh())


@blueprint.post("/batches")
@needs("coupons.edit")
def batch() -> Response:
    """Make a batch of codes."""
    form, who = BatchForm(), staff()
    name = form.name.data or ""

    def make() -> bool:
        services.make_batch(name, form.count(), form.terms(), staff=who)
        return True

    if form.attempt(make) is None:
        return make_response(render_template("admin/coupons/batch.html", form=form), form.status)
    flash(_("The codes are made."), "success")
    chosen = queries.CouponFilter(view="all", batch=name)
    return redirect_to(f"/admin/coupons{chosen.query()}", 303)


@blueprint.get("/codes.csv")
@needs("coupons.edit")
def codes() -> Response:
    """Hand out the codes of a batch for a spreadsheet."""
    name = plaintext.line(request.args.get("batch", "")[:200])
    answer = Response(codes_as_csv(name), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="codes.csv"'
    return answer


@blueprint.get("/luck")
@needs("coupons.edit")
def luck() -> str:
    """Show "Try your luck": the odds, the prizes, the fairness log."""
    number = _page_number()
    return render_template("admin/coupons/luck.html", reading=read_luck(number), number=number)


@blueprint.get("/<int:coupon_id>")
@needs("coupons.edit")
def show(coupon_id: int) -> Response:
    """Show a coupon with its uses."""
    return _page(coupon_id)


@blueprint.post("/<int:coupon_id>")
@needs("coupons.edit")
def change(coupon_id: int) -> Response:
    """Change days, limits, minimum."""
    form, who = BoundsForm(), staff()
    coupon = queries.get_coupon_page(coupon_id).coupon
    saved = form.attempt(
        lambda: services.change_coupon(coupon_id, form.bounds(coupon), seen=form.seen, staff=who)
    )
    return _page(coupon_id, form) if saved is None else _done(saved, _("Saved."))


@blueprint.post("/<int:coupon_id>/state")
@needs("coupons.edit")
def switch(coupon_id: int) -> Response:
    """Pause a coupon, or let it go on."""
    is_active = request.form.get("state") == "on"
    services.pause_coupon(coupon_id, is_active=is_active, staff=staff())
    said = _("It can be used again.") if is_active else _("Paused: nobody can use it now.")
    return _done(str(coupon_id), said)


@blueprint.post("/<int:coupon_id>/end")
@needs("coupons.edit")
def end(coupon_id: int) -> Response:
    """Let a coupon end now."""
    services.stop_coupon(coupon_id, staff=staff())
    return _done(str(coupon_id), _("It has ended."))


def _page(coupon_id: int, form: BoundsForm | None = None) -> Response:
    number = _page_number()
    reading = queries.get_coupon_page(coupon_id, number)
    form = form or BoundsForm.of(reading.coupon)
    html = render_template(
        "admin/coupons/show.html",
        reading=reading,
        form=form,
        number=number,
        off=_off,
        currency=config().currency,
        events=coupon_event_labels(reading.history),
        least=least_text(reading.coupon.minimum_amount, config().currency, shop_settings().locale),
    )
    return make_response(html, form.status if form.errors else 200)


def _off(coupon: Coupon) -> str:
    form = (config().currency, shop_settings().locale)
    return off_text(coupon.percent_bp, coupon.amount_off, *form)


def _done(coupon_id: str, sentence: str) -> Response:
    flash(sentence, "success")
    return redirect_to(f"/admin/coupons/{coupon_id}", 303)


def _page_number() -> int:
    return min(parse_id(request.args.get("page")) or 1, 10**6)
