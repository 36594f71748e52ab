"""A mail about an order as it was sent."""

from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import MailMessage, Order


def get_letter(number: str, mail_id: int) -> MailMessage:
    """Return a mail about the order whose text is still kept. Raises NotFound."""
    mail = db.session.get(MailMessage, mail_id)
    order = db.session.get(Order, mail.order_id) if mail and mail.order_id else None
    if mail is None or order is None or order.number != number or mail.text_body is None:
        raise NotFound
    return mail
