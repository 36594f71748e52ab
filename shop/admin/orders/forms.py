"""What the forms of the orders desk send."""

import re
from datetime import date

from werkzeug.datastructures import MultiDict

from shop.admin.optimistic_lock import read_version
from shop.admin.orders.filters import VIEWS, OrderFilter
from shop.admin.orders.input_types import ParcelFields, ReceiptFields, RefundFields
from shop.admin.staff_actions import read_form_token
from shop.core import plaintext
from shop.core.addresses import country_choices
from shop.core.clock import today
from shop.core.config import config
from shop.core.errors import BadInput, NotFound
from shop.core.number_input import parse_amount
from shop.core.row_ids import parse_id
from shop.delivery.queries import get_carrier, list_countries
from shop.delivery.tracking import check_link
from shop.models import PaymentStatus, Provider
from shop.models.coupon import LONGEST_CODE
from shop.orders.remainder import RefundChoice
from shop.settings.queries import shop_settings

YEARS = range(2000, 2200)  # a day at the very end of the calendar has no midnight elsewhere
_QUANTITY = re.compile(r"[0-9]{1,4}", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,15}", re.ASCII)


def read_order_filter(args: MultiDict[str, str]) -> OrderFilter:
    """Return the filter in a query string; nonsense falls back to the default."""
    page = parse_id(args.get("page", "1"))
    if not 1 <= page <= 10_000:
        raise NotFound
    view, payment = args.get("view", "send"), args.get("payment", "")
    provider, country = args.get("provider", ""), args.get("country", "")
    return OrderFilter(
        view=view if view in VIEWS else "send",
        text=plaintext.line(args.get("q", "")[:100]),
        payment=PaymentStatus(payment) if payment in set(PaymentStatus) else None,
        provider=Provider(provider) if provider in set(Provider) else None,
        country=country if country in dict(country_choices()) else "",
        coupon=plaintext.line(args.get("coupon", "")[:LONGEST_CODE]),
        sku=plaintext.code(args.get("sku", "")[:64]),
        since=_day(args.get("since")),
        until=_day(args.get("until")),
        page=page,
    )


def list_country_filters(chosen: str) -> list[tuple[str, str]]:
    """Return (code, name) of the countries that parcels go to, and of the chosen one, by name."""
    offered = {*list_countries(), chosen}
    return [pair for pair in country_choices() if pair[0] in offered]


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found and found.year in YEARS else None


def read_parcel(form: MultiDict[str, str]) -> ParcelFields:
    """Return the checked parcel. Raises BadInput."""
    quantities = _quantities(form)
    carrier, url = _carrier(form)
    number = plaintext.code(form.get("tracking_number", ""))
    if len(carrier) > 120 or len(number) > 120:
        raise BadInput("Use at most 120 characters.")
    version = read_version(form.get("version"))
    return ParcelFields(quantities, carrier, number, url, form.get("notify") == "1", version)


def _carrier(form: MultiDict[str, str]) -> tuple[str, str]:
    """Return the name of the chosen carrier; of another one the link that was given, too."""
    chosen = form.get("carrier_id", "")
    if chosen:
        return get_carrier(parse_id(chosen)).name, ""
    name = plaintext.line(form.get("carrier", ""))
    return name, check_link(plaintext.bare(form.get("tracking_url", "")))


def _quantities(
    form: MultiDict[str, str], prefix: str = "item-", *, may_be_empty: bool = False
) -> dict[int, int]:
    found = {}
    for name, text in form.items():
        if name.startswith(prefix):
            number = plaintext.code(text)
            if may_be_empty and not number:
                continue
            if not _QUANTITY.fullmatch(number):
                raise BadInput("Enter how many pieces, like 1; 0 for none.")
            found[parse_id(name.removeprefix(prefix))] = int(number)
    return found


def read_choice(form: MultiDict[str, str]) -> RefundChoice:
    """Return what of an order is to go back: everything, unless the form says. Raises BadInput."""
    quantities = _quantities(form)
    if not quantities and "part" not in form:
        return RefundChoice()
    chosen = {name: form.get(name) == "1" for name in ("shipping", "surplus")}
    return RefundChoice(quantities, chosen["shipping"], chosen["surplus"])


def read_refund(form: MultiDict[str, str]) -> RefundFields:
    """Return the checked refund. Raises BadInput."""
    amount = form.get("amount", "")
    if not read_form_token(form.get("form_token")) or not _AMOUNT.fullmatch(amount):
        raise BadInput("This form is not complete. Please open it once more.")
    reason = form.get("reason", "")
    if reason not in REASONS:
        raise BadInput(reason="Choose a reason.")
    note = plaintext.prose(form.get("note", ""))
    if len(note) > 200:
        raise BadInput(note="Use at most 200 characters.")
    return RefundFields(
        version=read_version(form.get("version")),
        amount=int(amount),
        choice=read_choice(form),
        returned=_quantities(form, "sent-", may_be_empty=True),
        reason=reason,
        note=note,
        is_restocked=form.get("restock") == "1",
    )


def read_receipt(form: MultiDict[str, str], currency: str) -> ReceiptFields:
    """Return the checked receipt. Raises BadInput."""
    wrong = {}
    amount, day = 0, _day(form.get("day"))
    try:
        amount = parse_amount(form.get("amount", ""), currency, shop_settings().locale)
    except BadInput as error:
        wrong["amount"] = str(error)
    if day is None or day > today(config().timezone):
        wrong["day"] = "Enter the day on which the money came, today at the latest."
    if day is None or wrong:
        raise BadInput(**wrong)
    note = plaintext.prose(form.get("note", ""))
    return ReceiptFields(amount, day, note, form.get("attempt", ""))


REASONS = ("requested_by_customer", "duplicate", "fraudulent", "stock_short")
