"""The words of mails: changed with a preview, put back as delivered, tried on oneself."""

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, flash, make_response, render_template, request
from flask_babel import gettext as _

from shop.admin.context import staff
from shop.admin.mail_texts.forms import MailTextForm, find_text, shown_words
from shop.admin.mail_texts.queries import TextReading, read_text
from shop.admin.mail_texts.services import save_mail_text, send_sample
from shop.auth.guard import needs
from shop.core.errors import NotFound
from shop.core.languages import LANGUAGES
from shop.mail.message import Mail
from shop.mail.samples import sample_mail
from shop.mail.texts import FIELDS, DeliveredText
from shop.settings.queries import shop_settings
from shop.web.responses import framed_mail, redirect_to
from shop.web.visitor import current_visitor

blueprint = Blueprint("mail_texts", __name__, url_prefix="/settings/mail/<kind>")
NOTHING: Final = dict.fromkeys(FIELDS, "")


@blueprint.get("")
@needs("settings.edit")
def show(kind: str) -> Response:
    """Show the words of a mail."""
    return _page(read_text(_text(kind), _language()))


@blueprint.post("")
@needs("settings.edit")
def update(kind: str) -> Response:
    """Keep what was typed."""
    reading, form, who = read_text(_text(kind), _language()), MailTextForm(), staff()
    seen, text, language = form.seen, reading.text, reading.language
    saved = form.attempt(
        lambda: save_mail_text(
            kind, language, seen, form.values(text, reading.delivered), staff=who
        )
    )
    if saved is None:
        return _page(reading, form)
    return _done(reading, _("Saved. The next mail says it."))


@blueprint.post("/reset")
@needs("settings.edit")
def reset(kind: str) -> Response:
    """Put the words back as they were delivered."""
    reading, form = read_text(_text(kind), _language()), MailTextForm()
    seen, who, language = form.seen, staff(), reading.language
    if form.attempt(lambda: save_mail_text(kind, language, seen, NOTHING, staff=who)) is None:
        shown = MailTextForm(formdata=None, data=_shown(reading))
        shown.form_errors, shown.status = [*form.form_errors[:1]], form.status
        return _page(reading, shown)
    return _done(reading, _("The mail says again what it was delivered with."))


@blueprint.post("/test")
@needs("settings.edit")
def test(kind: str) -> Response:
    """Send the mail, as it is saved, to whoever asks for it."""
    reading, to = read_text(_text(kind), _language()), current_visitor().email
    send_sample(kind, reading.language, to, staff=staff())
    return _done(reading, _("On its way to %(address)s, with made-up data.", address=to))


@blueprint.get("/preview")
@needs("settings.edit")
def preview(kind: str) -> Response:
    """Answer with the mail as it is saved, for a frame."""
    return _preview(sample_mail(_text(kind).kind, _language()))


@blueprint.post("/preview")
@needs("settings.edit")
def try_out(kind: str) -> Response:
    """Answer with the mail as it would be, or with what is wrong, for a frame."""
    reading, form = read_text(_text(kind), _language()), MailTextForm()
    words = form.attempt(lambda: form.values(reading.text, reading.delivered))
    if words is None:
        html = render_template("admin/mail_texts/refused.html", form=form)
        return framed_mail(html, form.status)
    sources = shown_words(words, reading.delivered)
    return _preview(sample_mail(kind, reading.language, sources=sources))


def _text(kind: str) -> DeliveredText:
    text = find_text(kind)
    if text is None:
        raise NotFound
    return text


def _language() -> str:
    asked = request.values.get("language", "")
    return asked if asked in LANGUAGES else shop_settings().language


def _preview(mail: Mail) -> Response:
    if request.values.get("as") == "text":
        html = render_template("admin/mail_texts/as_text.html", mail=mail)
        return framed_mail(html)
    return framed_mail(mail.html)


def _shown(reading: TextReading) -> Mapping[str, str]:
    words = shown_words(reading.kept, reading.delivered)
    return {**words, "version": str(reading.version), "language": reading.language}


def _page(reading: TextReading, form: MailTextForm | None = None) -> Response:
    shown = form or MailTextForm(formdata=None, data=_shown(reading))
    html = render_template(
        "admin/mail_texts/show.html", reading=reading, form=shown, languages=LANGUAGES
    )
    return make_response(html, shown.status if form else 200)


def _done(reading: TextReading, message: str) -> Response:
    flash(message, "success")
    chosen = {"language": reading.language} if len(LANGUAGES) > 1 else {}
    return redirect_to(f"/admin/settings/mail/{reading.text.kind}", 303, **chosen)
