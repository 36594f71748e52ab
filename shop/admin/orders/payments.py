"""Who moves the money of an order, and what staff have to do about it themselves."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select

from shop.core.clock import today
from shop.core.config import config
from shop.core.db import db
from shop.core.number_input import typed_amount
from shop.models import Order, Payment, PaymentState, Provider
from shop.orders.payment.by_hand import find_awaited
from shop.payments.current import configured_providers, find_gateway, has_gateway
from shop.payments.registry import PROVIDERS
from shop.settings.queries import shop_settings


@dataclass(frozen=True)
class Awaited:
    """Money that staff can note as received: for which attempt, by which way to pay, how much.

    `typed` and `today` are what the form begins with.
    """

    attempt_id: str
    method: str
    amount: int
    currency: str
    typed: str
    today: date


def find_awaited_payment(order: Order) -> Awaited | None:
    """Return what staff may note as received for an order; None where no staff do."""
    attempt = find_awaited(order.id)
    if attempt is None:
        return None
    amount, currency = attempt.amount, attempt.currency
    return Awaited(
        attempt.id,
        str(PROVIDERS[attempt.provider].words.method),
        amount,
        currency,
        typed_amount(amount, currency, shop_settings().locale),
        today(config().timezone),
    )


class WayBack(StrEnum):
    """Who gives money back: the provider; staff by hand; nobody while it is not configured."""

    PROVIDER = "provider"
    BY_HAND = "by_hand"
    NOBODY = "nobody"


def way_back(provider: Provider) -> WayBack:
    """Return who gives back what `provider` took."""
    there = find_gateway(provider)
    if there is None:
        return WayBack.NOBODY if has_gateway(provider) else WayBack.PROVIDER
    return WayBack.BY_HAND if there.by_hand else WayBack.PROVIDER


def way_back_of(order_id: int) -> WayBack:
    """Return who gives back what came for an order."""
    captured = (Payment.order_id == order_id) & (Payment.state == PaymentState.CAPTURED)
    provider = db.session.scalar(select(Payment.provider).where(captured))
    return way_back(provider) if provider else WayBack.PROVIDER


def provider_title(provider: Provider) -> str:
    """Return what staff call a provider."""
    return str(PROVIDERS[provider].words.title) if provider in PROVIDERS else provider.capitalize()


def list_payment_filters() -> list[tuple[str, str]]:
    """Return (name, words) of the providers that orders can be looked for by."""
    return [(name, provider_title(Provider(name))) for name in configured_providers()]


def provider_url(payment: Payment | None) -> str:
    """Return where the provider shows a payment to the merchant; "" where it does not."""
    if payment is None or payment.provider not in PROVIDERS:
        return ""
    entry = PROVIDERS[payment.provider]
    return entry.payment_url(payment.payment_intent or "", payment.livemode)
