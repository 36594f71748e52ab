"""The words of the mails to customers: as delivered, with the places in them. Pure.

Subject, greeting, intro and closing may be changed by staff (`shop/admin/mail_texts/`); buttons,
pieces and sums stand in the templates. A place is written {number}, and filled when a mail is
composed. A mail of this list gets its words from here alone; its template has what stands between.
"""

import re
from dataclasses import dataclass
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

FIELDS: Final = ("subject", "greeting", "intro", "closing")
PLACE: Final = re.compile(r"\{([^{}\n]*)\}")

# What each place says, in the words of the desk.
PLACES: Final[dict[str, str]] = {
    "number": "number of the order",
    "name": "name of the customer, as in the address",
    "shop": "name of the shop",
    "email": "address of the account",
    "day": "last day to pay",
    "arrives": "sentence on when it comes; nothing where nobody knows",
    "money": "sentence on what becomes of the money",
    "amount": "amount that goes back",
    "sent": "day on which the parcel left",
}
_ORDER: Final = ("number", "name", "shop")
_ACCOUNT: Final = ("email", "shop")


@dataclass(frozen=True)
class DeliveredText:
    """A mail as it is delivered. `places`: those it knows; `needed`: those that must stay in it."""

    kind: str
    title: str
    subject: LazyString
    greeting: LazyString
    intro: LazyString
    closing: LazyString | str = ""
    places: tuple[str, ...] = _ORDER
    needed: tuple[str, ...] = ("number",)


_TEXTS: Final = (
    DeliveredText(
        "order_paid", "Order confirmation",
        _("Your order {number}: thank you"), _("Thank you"),
        _("We have received your payment for order {number} and are getting your pieces ready. "
          "{arrives}"),
        places=(*_ORDER, "arrives"),
    ),
    DeliveredText(
        "order_awaiting", "Order noted: how to pay by hand",
        _("Order {number}: how to pay"), _("We have your order"),
        _("Please pay order {number} as follows. We hold your pieces until {day} and send them "
          "once your money is here."),
        places=(*_ORDER, "day"), needed=("number", "day"),
    ),
    DeliveredText(
        "order_processing", "Order noted: the bank needs days",
        _("Order {number}: your bank needs a few days"), _("We have your order"),
        _("Your bank needs a few days to confirm the payment for order {number}. We hold your "
          "pieces and write to you when it has come."),
    ),
    DeliveredText(
        "payment_reminder", "Reminder to pay",
        _("Order {number}: your payment has not come yet"), _("Your payment has not come yet"),
        _("We hold the pieces of order {number} until {day}. If your money is on its way already, "
          "there is nothing left to do."),
        places=(*_ORDER, "day"), needed=("number", "day"),
    ),
    DeliveredText(
        "order_expired", "Order ended: no payment came",
        _("Order {number} has ended: no payment came"), _("Your order has ended"),
        _("No payment came for order {number} in time, so its pieces are back on our shelves. You "
          "owe us nothing.\n\n"
          "If you have paid in the meantime, please answer this mail: your money is not lost."),
    ),
    DeliveredText(
        "payment_review", "Payment came, but not as agreed",
        _("Order {number}: your payment has come"), _("Your payment has come"),
        _("Your payment for order {number} has come, but it is not quite what was agreed. We are "
          "looking at it ourselves and write to you; please do not pay again. We hold your pieces "
          "meanwhile."),
    ),
    DeliveredText(
        "payment_asked_again", "Asked to pay once more",
        _("Order {number}: please pay once more"), _("Please pay once more"),
        _("What came for order {number} was not what was agreed, so we send it back the way it "
          "came. Please open your order and pay its total; we hold your pieces for three days."),
    ),
    DeliveredText(
        "payment_failed", "Payment failed",
        _("Order {number}: the payment did not go through"), _("The payment did not go through"),
        _("Your bank could not make the payment for order {number}. Nothing was charged, and the "
          "pieces are back on our shelves.\n\n"
          "You are welcome to order again with another way to pay."),
    ),
    DeliveredText(
        "order_canceled", "Order canceled",
        _("Order {number} is canceled"), _("Your order is canceled"),
        _("Order {number} is canceled, and nothing will be sent. {money}"),
        places=(*_ORDER, "money"), needed=("number", "money"),
    ),
    DeliveredText(
        "order_sent", "Parcel on its way",
        _("Order {number} is on its way"), _("On its way"),
        _("A parcel of order {number} has left us on {sent}."),
        places=(*_ORDER, "sent"),
    ),
    DeliveredText(
        "order_delivered", "Order delivered",
        _("Order {number} has been delivered"), _("It has arrived"),
        _("Order {number} has been delivered. We hope that you enjoy every piece of it."),
    ),
    DeliveredText(
        "order_refunded", "Refund",
        _("{amount} refunded for order {number}"), _("Your refund"),
        _("We have sent back {amount} for order {number}. It arrives the way you paid, within five "
          "to ten days, depending on your bank."),
        places=(*_ORDER, "amount"), needed=("number", "amount"),
    ),
    DeliveredText(
        "password_reset", "Way to a new password",
        _("Choose a new password"), _("Choose a new password"),
        _("Somebody, probably you, asked for a new password for the account {email}."),
        _("The link works once, for 30 minutes. If you did not ask for it, do nothing: your "
          "password stays as it is."),
        places=_ACCOUNT, needed=("email",),
    ),
    DeliveredText(
        "password_changed", "Password changed",
        _("Your password was changed"), _("Your password was changed"),
        _("The password of your account {email} was changed just now, and everywhere else it was "
          "signed out.\n\nIf that was you, all is well. If not, choose a new one at once."),
        places=_ACCOUNT, needed=("email",),
    ),
    DeliveredText(
        "verify_email", "Address to be confirmed",
        _("Confirm your address"), _("Confirm your address"),
        _("Thank you for your account at {shop}. Please confirm that {email} is yours; earlier "
          "orders with this address will then appear in your account."),
        _("The link works for 24 hours. If you have not made an account, do nothing: without this "
          "link nobody can see orders of yours."),
        places=_ACCOUNT, needed=("email",),
    ),
    DeliveredText(
        "email_change", "New address to be confirmed",
        _("Confirm your new address"), _("Confirm your new address"),
        _("Your account at {shop} is to use {email} from now on. It does so once you confirm it."),
        _("The link works for 24 hours. If you did not ask for this, do nothing."),
        places=_ACCOUNT, needed=("email",),
    ),
    DeliveredText(
        "email_change_notice", "Word to the former address",
        _("Your account is about to get another address"),
        _("Your account is about to get another address"),
        _("Somebody signed in to your account at {shop} asked that it use {email}. We have sent a "
          "link there; the change takes place once it is followed.\n\n"
          "If that was not you, choose a new password now, and the link is dead."),
        places=_ACCOUNT, needed=("email",),
    ),
    DeliveredText(
        "email_taken", "Address that has an account already",
        _("You have an account already"), _("You have an account already"),
        _("Somebody asked to use {email} for another account at {shop}. It has an account "
          "already, so nothing was changed.\n\nIf that was you, sign in with this address."),
        places=_ACCOUNT, needed=("email",),
    ),
)  # fmt: skip
MAIL_TEXTS: Final = {text.kind: text for text in _TEXTS}


def places_in(text: str) -> set[str]:
    """Return what stands in braces in a text, places or not."""
    return set(PLACE.findall(text))
