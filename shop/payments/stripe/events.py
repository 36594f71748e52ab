"""The events of Stripe that the shop acts upon, and what each is about.

A webhook endpoint subscribes to these, at most 20.
"""

from collections.abc import Mapping

from shop.payments.gateway import EventKind

HANDLED: Mapping[str, EventKind] = {
    "checkout.session.completed": EventKind.PAGE,
    "checkout.session.async_payment_succeeded": EventKind.PAGE,
    "checkout.session.async_payment_failed": EventKind.PAGE,
    "checkout.session.expired": EventKind.PAGE,
    "payment_intent.payment_failed": EventKind.PAYMENT_DECLINED,
    "charge.refunded": EventKind.PAYMENT_REFUNDED,
    "refund.created": EventKind.REFUND,
    "refund.updated": EventKind.REFUND,
    "refund.failed": EventKind.REFUND,
    "charge.dispute.created": EventKind.DISPUTE_OPENED,
    "charge.dispute.updated": EventKind.DISPUTE,
    "charge.dispute.closed": EventKind.DISPUTE,
    "charge.dispute.funds_withdrawn": EventKind.DISPUTE,
    "charge.dispute.funds_reinstated": EventKind.DISPUTE,
    "radar.early_fraud_warning.created": EventKind.FRAUD_WARNING,
}
