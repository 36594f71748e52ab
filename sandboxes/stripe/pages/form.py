"""The payment form: what was typed, checked. Card numbers go no further than this module."""

import re
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from sandboxes.stripe.cards import (
    BY_NUMBER,
    INSTRUMENTS,
    MESSAGES,
    Instrument,
    clean_number,
    passes_luhn,
)
from sandboxes.stripe.checkout import Payment
from sandboxes.stripe.contract import Json

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]{1,63}(\.[^@\s.]{1,63}){1,8}")
EXPIRY = re.compile(r"([0-9]{1,2})\s*[/\- ]?\s*(20[0-9]{2}|[0-9]{2})")
# Names that no browser takes for card fields, so that it does not offer a real card.
FIELDS = ("email", "method", "number", "exp", "cvc", "holder", "iban", "account_holder", "phone")
ADDRESS = ("line1", "line2", "postal_code", "city", "state", "country")
MAX_LENGTH = 200
ONLY_TEST_CARDS = "Sandbox takes test cards only. Choose one of those below."


@dataclass
class PayForm:
    """Typed values, sentences about wrong ones, and the instrument that was recognised."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    instrument: Instrument | None = None
    expiry: tuple[int, int] = (12, 2040)

    def payment(self, session: Json) -> Payment:
        """The payment that a form without errors asks for."""
        address = {name: self.values.get(f"ship_{name}") or None for name in ADDRESS}
        wants_address = session["shipping_address_collection"] is not None
        debit = self.values.get("method") == "sepa_debit"
        return Payment(
            self.instrument,
            email=self.values.get("email") or None,
            name=self.values.get("account_holder" if debit else "holder") or None,
            country=address["country"] if wants_address else None,
            phone=self.values.get("phone") or None,
            expiry=self.expiry,
            shipping={"name": self.values["ship_name"], "address": address}
            if wants_address
            else None,
        )

    def shown(self) -> dict[str, Any]:
        """The values to put into the page again: a number only if it is one of the test table."""
        safe = dict(self.values)
        for name in ("number", "iban"):
            if clean_number(safe.get(name, "")) not in BY_NUMBER:
                safe[name] = ""
        safe["cvc"] = safe.get("cvc", "") if safe.get("number") else ""
        return safe


def read(form: MultiDict[str, str], session: Json) -> PayForm:
    """The form as it was typed, without judging it; ``fill`` puts a test instrument in."""
    names = (*FIELDS, "ship_name", *(f"ship_{name}" for name in ADDRESS))
    result = PayForm({name: form.get(name, "").strip()[:MAX_LENGTH] for name in names})
    methods = session["payment_method_types"]
    if result.values["method"] not in methods:
        result.values["method"] = methods[0]
    filled = INSTRUMENTS.get(form.get("fill", ""))
    if filled is not None and filled.kind in methods:
        _fill(result.values, filled)
    return result


def check(result: PayForm, session: Json) -> PayForm:
    """Judge the form; sentences land in ``errors`` under the names of the fields."""
    values, errors = result.values, result.errors
    if not session["customer_email"] and not EMAIL.fullmatch(values["email"]):
        errors["email"] = "Enter an e-mail address like name@example.com."
    if (session["phone_number_collection"] or {}).get("enabled") and not re.fullmatch(
        r"[+0-9 ().\-]{6,30}", values["phone"]
    ):
        errors["phone"] = "Enter a phone number."
    if session["shipping_address_collection"] is not None:
        _check_address(values, errors, session)
    if session["amount_total"] == 0:
        return result
    if values["method"] == "sepa_debit":
        _check_debit(result)
    else:
        _check_card(result)
    return result


def _fill(values: dict[str, str], instrument: Instrument) -> None:
    values["method"] = instrument.kind
    values["email"] = values["email"] or "buyer@example.com"
    if instrument.kind == "sepa_debit":
        values["iban"] = grouped(instrument)
        values["account_holder"] = values["account_holder"] or "Test Buyer"
        return
    code = "1234" if instrument.brand == "amex" else "123"
    values.update(number=grouped(instrument), exp="12 / 40", cvc=code)
    values["holder"] = values["holder"] or "Test Buyer"


def grouped(instrument: Instrument) -> str:
    """A number in groups of four, to read."""
    return " ".join(re.findall(r".{1,4}", instrument.number))


def _check_address(values: dict[str, str], errors: dict[str, str], session: Json) -> None:
    sentences = {
        "ship_name": "Enter the recipient's name.",
        "ship_line1": "Enter the street and number.",
        "ship_city": "Enter the town.",
        "ship_postal_code": "Enter the postal code.",
    }
    errors.update({name: text for name, text in sentences.items() if not values[name]})
    if values["ship_country"] not in session["shipping_address_collection"]["allowed_countries"]:
        errors["ship_country"] = "Choose a country."


def _check_card(result: PayForm) -> None:
    values, errors = result.values, result.errors
    number = clean_number(values["number"])
    found = BY_NUMBER.get(number)
    if not number:
        errors["number"] = "Enter a card number."
    elif not passes_luhn(number):
        errors["number"] = MESSAGES["incorrect_number"]
    elif found is None or found.kind != "card":
        errors["number"] = ONLY_TEST_CARDS
    else:
        result.instrument = found
    _check_expiry(result)
    digits = 4 if found is not None and found.brand == "amex" else 3
    if not re.fullmatch(rf"[0-9]{{{digits}}}", values["cvc"]):
        errors["cvc"] = f"Enter {digits} digits."


def _check_expiry(result: PayForm) -> None:
    found = EXPIRY.fullmatch(result.values["exp"])
    month, year = (int(found[1]), int(found[2]) % 100 + 2000) if found else (0, 0)
    if not 1 <= month <= 12:
        result.errors["exp"] = "Enter month and year, like 12 / 40."
        return
    result.expiry = (month, year)


def _check_debit(result: PayForm) -> None:
    found = BY_NUMBER.get(clean_number(result.values["iban"]))
    if found is None or found.kind != "sepa_debit":
        result.errors["iban"] = "Sandbox takes test accounts only. Choose one of those below."
    result.instrument = found
    if not result.values["account_holder"]:
        result.errors["account_holder"] = "Enter the account holder's name."
