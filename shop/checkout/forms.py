"""The one form of the checkout: contact, address, delivery."""

import re
import secrets
from collections.abc import Sequence
from typing import Any, Final

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from shop.cart.contents import CartView
from shop.core.addresses import format_address
from shop.core.emails import normalise_email
from shop.core.errors import BadInput
from shop.core.row_ids import parse_id
from shop.mail.reach import reachable_email
from shop.models import Address, PageRole
from shop.models.order import CHECKOUT_TEXTS
from shop.orders.checkout_details import CheckoutDetails
from shop.pages.queries import public_pages
from shop.web.address_form import AddressForm
from shop.web.client_address import client_ip
from shop.web.forms import options
from shop.web.locales import page_locale
from shop.web.visitor import Visitor

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,64}", re.ASCII)
_TOTAL: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


class CheckoutForm(AddressForm):
    """Contact, address and delivery.

    `seen_total` is the total that this form was shown with, `shown_texts` the versions of terms and
    the like: whoever agrees agrees to those.
    """

    email = EmailField(
        _l("Email"),
        [
            InputRequired(_l("Enter your email address.")),
            Length(max=200),
        ],
        description=_l("For your confirmation and news of your parcel."),
    )
    delivery = RadioField(_l("Delivery"), [Optional()], coerce=str, validate_choice=False)
    payment = RadioField(_l("Payment"), [Optional()], coerce=str, validate_choice=False)
    note = TextAreaField(_l("A note for us"), [Length(max=500)])
    saved = SelectField(_l("Your addresses"), [Optional()], validate_choice=False)
    keep = BooleanField(_l("Keep this address in my account"))
    terms = BooleanField(_l("I agree to the terms."))
    shown_texts = HiddenField()
    checkout_token = HiddenField()
    seen_total = HiddenField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # The summary of what is wrong goes through the fields in the order of the page.
        for name in [name for name in self._fields if name != "email"]:
            self._fields[name] = self._fields.pop(name)
        if not _TOKEN.fullmatch(self.checkout_token.data or ""):
            self.renew()

    def renew(self) -> None:
        """Let the form make an order of its own: the one that it made has ended."""
        self.checkout_token.data = secrets.token_urlsafe(24)

    def show(self, cart: CartView, saved: Sequence[Address]) -> None:
        """Offer how it can be delivered, where to, and how it can be paid.

        Remembers which total was shown.
        """
        named = ((str(row.id), ", ".join(format_address(row))) for row in saved)
        self.saved.choices = options([("", _("Another address")), *named])
        self.delivery.choices = options((str(q.method_id), q.name) for q in cart.quotes)
        self.delivery.data = str(cart.quote.method_id) if cart.quote else None
        ways = cart.ways_to_pay
        self.payment.choices = options((way.name, str(way.words.method)) for way in ways)
        if self.payment.data not in [way.name for way in ways]:
            self.payment.data = ways[0].name if ways else None
        self.seen_total.data = str(cart.totals.amount_total)
        shown = " ".join(str(page.version_id) for page in public_pages().at_checkout)
        if self.shown_texts.data != shown:
            self.shown_texts.data, self.terms.data = shown, False  # nobody has agreed to these yet

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and the address as its country wants it."""
        is_valid = super().validate(extra_validators)
        self.checked = self.attempt(self.address)
        return is_valid and self.checked is not None

    def validate_email(self, field: EmailField) -> None:
        """Refuse what is no address, and what our mails cannot reach."""
        try:
            self.checked_email = reachable_email(field.data or "")
        except BadInput as error:
            raise ValidationError(str(error)) from error

    def validate_country(self, field: SelectField) -> None:
        """Refuse a country that no parcel goes to."""
        if field.data not in self.countries:
            raise ValidationError(_("We do not deliver to that country yet."))

    def validate_terms(self, field: BooleanField) -> None:
        """Refuse an order without agreement, where there is something to agree to."""
        if public_pages().of_role(PageRole.TERMS) and not field.data:
            raise ValidationError(_("Agree to the terms to go on."))

    def validate_delivery(self, field: RadioField) -> None:
        """Refuse what no way of delivery can be called, before another one is taken for it."""
        if not parse_id(field.data):
            raise ValidationError(_("Choose one of the ways of delivery."))

    def details(self, visitor: Visitor) -> CheckoutDetails:
        """Return what was entered, as the use case takes it; only after `validate()`."""
        seen = request.form.get("seen_total", "")
        address = self.checked.as_dict() if self.checked else {}
        return CheckoutDetails(
            email=self.checked_email,
            email_key=normalise_email(self.checked_email),
            address=address,
            phone=address.get("phone", ""),
            delivery_method_id=parse_id(self.delivery.data) or None,
            texts={name: self[name].data or "" for name in CHECKOUT_TEXTS},
            provider=self.payment.data or "",
            shown_versions=tuple(sorted(_read_ids(self.shown_texts.data or ""))),
            are_terms_accepted=bool(self.terms.data and public_pages().of_role(PageRole.TERMS)),
            seen_total=int(seen) if _TOTAL.fullmatch(seen) else None,
            checkout_token=self.checkout_token.data,
            ip=client_ip(),
            user_id=visitor.user_id,
            **page_locale()._asdict(),
        )


def _read_ids(text: str) -> set[int]:
    """Return the ids that a form names; what is none is 0, which is nothing that is shown."""
    return {parse_id(part) for part in text.split()[:20]}
