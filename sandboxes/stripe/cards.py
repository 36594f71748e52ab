"""Test instruments: Stripe's published test cards and SEPA accounts, and nothing else.

Numbers live in this table only. What is stored of a payment is the name of the row, the brand and
the last four digits. Source: docs.stripe.com/testing.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Instrument:
    """What a card or account does when it is used.

    ``decline`` is (code, decline_code) or None; ``challenge`` asks for 3-D Secure first;
    ``dispute`` a reason that comes after the payment, ``refund`` what refunds do ("pending" or
    "failed"); ``settle`` is (success, seconds) for bank debits.
    """

    name: str
    number: str
    title: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    kind: str = "card"
    decline: tuple[str, str | None] | None = None
    challenge: bool = False
    blocked: bool = False
    dispute: str = ""
    refund: str = ""
    settle: tuple[bool, int] | None = None

    @property
    def last4(self) -> str:
        """The digits that may be shown and stored."""
        return self.number[-4:]


def _declined(name: str, number: str, code: str, reason: str | None, title: str) -> Instrument:
    return Instrument(name, number, title, decline=(code, reason))


CARDS = (
    Instrument("visa", "4242424242424242", "Visa, succeeds"),
    Instrument("mastercard", "5555555555554444", "Mastercard, succeeds", brand="mastercard"),
    Instrument("amex", "378282246310005", "American Express, succeeds", brand="amex"),
    Instrument("visa_debit", "4000056655665556", "Visa debit, succeeds", funding="debit"),
    _declined("declined", "4000000000000002", "card_declined", "generic_decline", "Declined"),
    _declined(
        "insufficient_funds",
        "4000000000009995",
        "card_declined",
        "insufficient_funds",
        "Declined: insufficient funds",
    ),
    _declined("lost_card", "4000000000009987", "card_declined", "lost_card", "Declined: lost card"),
    _declined(
        "stolen_card", "4000000000009979", "card_declined", "stolen_card", "Declined: stolen card"
    ),
    _declined("expired_card", "4000000000000069", "expired_card", None, "Declined: expired card"),
    _declined(
        "incorrect_cvc", "4000000000000127", "incorrect_cvc", None, "Declined: wrong security code"
    ),
    _declined(
        "processing_error",
        "4000000000000119",
        "processing_error",
        None,
        "Declined: processing error",
    ),
    Instrument("3ds_setup", "4000002500003155", "3-D Secure unless set up", challenge=True),
    Instrument("3ds_always", "4000002760003184", "3-D Secure always", challenge=True),
    Instrument("3ds", "4000000000003220", "3-D Secure 2, required", challenge=True),
    Instrument(
        "3ds_declined",
        "4000008400001629",
        "3-D Secure, then declined",
        challenge=True,
        decline=("card_declined", "generic_decline"),
    ),
    Instrument(
        "3ds_insufficient_funds",
        "4000008260003178",
        "3-D Secure, then insufficient funds",
        challenge=True,
        decline=("card_declined", "insufficient_funds"),
    ),
    Instrument(
        "fraudulent",
        "4100000000000019",
        "Blocked as fraudulent",
        blocked=True,
        decline=("card_declined", "fraudulent"),
    ),
    Instrument(
        "dispute_fraudulent",
        "4000000000000259",
        "Succeeds, then disputed as fraudulent",
        dispute="fraudulent",
    ),
    Instrument(
        "dispute_not_received",
        "4000000000002685",
        "Succeeds, then disputed as not received",
        dispute="product_not_received",
    ),
    Instrument(
        "dispute_inquiry", "4000000000001976", "Succeeds, then an inquiry", dispute="inquiry"
    ),
    Instrument(
        "refund_pending", "4000000000007726", "Refunds wait, then succeed", refund="pending"
    ),
    Instrument("refund_fails", "4000000000005126", "Refunds succeed, then fail", refund="failed"),
)


def _debit(name: str, number: str, title: str, settle: tuple[bool, int]) -> Instrument:
    return Instrument(
        name, number, title, brand="", funding="", country="AT", kind="sepa_debit", settle=settle
    )


ACCOUNTS = (
    _debit("sepa", "AT611904300234573201", "Succeeds at once", (True, 0)),
    _debit("sepa_later", "AT321904300235473204", "Succeeds after three minutes", (True, 180)),
    _debit("sepa_fails", "AT861904300235473202", "Fails at once", (False, 0)),
    _debit("sepa_fails_later", "AT981904300235473205", "Fails after three minutes", (False, 180)),
)

INSTRUMENTS = {one.name: one for one in (*CARDS, *ACCOUNTS)}
BY_NUMBER = {one.number: one for one in INSTRUMENTS.values()}

# What the buyer reads: docs.stripe.com/error-codes and /declines/codes, in Checkout's words.
MESSAGES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "incorrect_number": "Your card number is incorrect.",
    "payment_intent_authentication_failure": (
        "We are unable to authenticate your payment method. "
        "Please choose a different payment method and try again."
    ),
    "payment_intent_payment_attempt_failed": "The bank debit failed.",
}


def clean_number(text: str) -> str:
    """Digits (or an IBAN) without spaces and dashes."""
    return re.sub(r"[\s\-]", "", text).upper()


def passes_luhn(number: str) -> bool:
    """Whether the check digit of a card number is right."""
    if not re.fullmatch(r"[0-9]{12,19}", number):
        return False
    digits = [int(one) for one in reversed(number)]
    doubled = [sum(divmod(2 * one, 10)) for one in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def message_for(code: str, decline_code: str | None) -> str:
    """The sentence for a decline."""
    return MESSAGES.get(decline_code or "", MESSAGES.get(code, MESSAGES["card_declined"]))
