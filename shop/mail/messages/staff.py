"""What staff hear by mail. STAFF_EMAIL gets it, where that is set; messages of visitors go to the
shop's contact address first.
"""

from dataclasses import replace
from typing import Final

from flask_babel import lazy_gettext as _

from shop.core.config import config
from shop.core.db import db
from shop.mail.message import Mail
from shop.mail.queries import get_sale
from shop.mail.render import compose
from shop.mail.sums import order_sums
from shop.models import ContactMessage
from shop.settings.queries import shop_settings

REASONS: Final = {
    "mismatch": _("the amount, the currency or the reference differs from what was agreed"),
    "stock_short": _("it is paid, but there are not enough pieces left to send it"),
    "second_payment": _("it was paid twice; the second payment is being refunded"),
    "late_payment": _("the money came after it had been canceled"),
    "refund_failed": _("a refund did not reach the customer"),
    "disputed": _("the customer disputes the payment at the bank"),
    "fraud_warning": _(
        "the bank warns that the owner of the card may not have bought this; a refund now prevents "
        "a dispute"
    ),
}


def staff_attention(order_id: int, reason: str) -> Mail | None:
    """Return the word that an order needs a person, and why."""
    if not config().staff_email:
        return None
    sale = get_sale(order_id)
    return compose(
        "staff_attention",
        to=config().staff_email,
        subject=_("Order %(number)s needs you", number=sale.order.number),
        order_id=order_id,
        sale=sale,
        order=sale.order,
        order_sums=order_sums,
        reason=REASONS.get(reason, reason),
    )


def staff_message(message_id: int) -> Mail | None:
    """Return what a visitor wrote, to be answered by a reply; None where nobody is to get it.

    Its text is kept with the message alone, and goes when that goes.
    """
    to = shop_settings().contact_email or config().staff_email
    message = db.session.get(ContactMessage, message_id)
    if not to or message is None:
        return None
    mail = compose(
        "staff_message",
        to=to,
        subject=_("Message from %(name)s", name=message.name),
        is_secret=True,
        message=message,
    )
    return replace(mail, reply_to=message.email)
