"""The gateways of the running application, each found by the provider that a row names."""

from collections.abc import Mapping

from flask import current_app

from shop.core.config import config
from shop.payments.by_hand import Instructions
from shop.payments.errors import ProviderNotConfigured, WebhookNotConfigured
from shop.payments.gateway import PaymentGateway
from shop.payments.provider import ProviderEntry
from shop.payments.registry import PROVIDERS


def gateway(provider: str) -> PaymentGateway:
    """Return the way to a row's provider. Raises ProviderNotConfigured."""
    configured = find_gateway(provider)
    if configured is None:
        raise ProviderNotConfigured(provider)
    return configured


def find_gateway(provider: str) -> PaymentGateway | None:
    """Return the way to a row's provider; None for one without, or that is not configured."""
    return _gateways().get(provider)


def configured_providers() -> tuple[str, ...]:
    """Return the names of all providers that can be asked."""
    return tuple(_gateways())


def current_provider() -> str:
    """Return the first of the providers that can be asked: it has the copy of the products."""
    return next(iter(_gateways()))


def offered_providers(amount: int, currency: str) -> tuple[ProviderEntry, ...]:
    """Return who can take `amount` (minor units, above 0) of a new order, the preferred first."""
    there = {name: gateway(name) for name in chosen_providers()}
    return tuple(
        PROVIDERS[name]
        for name, found in there.items()
        if found.is_on() and found.accepts(amount, currency)
    )


def chosen_providers() -> tuple[str, ...]:
    """Return who may take the money of new orders, the preferred first: PAYMENTS, else all."""
    chosen = config().payments
    return tuple(name for name in _gateways() if not chosen or name in chosen)


def find_instructions(provider: str, ref: str | None) -> Instructions | None:
    """Return what the buyer of a provider's page is to do elsewhere; None where that is nothing."""
    there = find_gateway(provider)
    return there.by_hand.instructions(ref or "") if there and there.by_hand else None


def is_by_hand(provider: str) -> bool:
    """Return whether staff say what came by `provider`, and what goes back."""
    there = find_gateway(provider)
    return there is not None and there.by_hand is not None


def has_gateway(provider: str) -> bool:
    """Return whether money of `provider` moves through a gateway at all, configured or not."""
    return provider in PROVIDERS


def is_play_money(provider: str) -> bool:
    """Return whether what `provider` took is void once it is not configured any more."""
    return provider in PROVIDERS and PROVIDERS[provider].is_play_money


def sender_at(path: str) -> ProviderEntry:
    """Return who sends its messages to the webhook `path`. Raises WebhookNotConfigured."""
    for provider in _gateways():
        if PROVIDERS[provider].webhook == path:
            return PROVIDERS[provider]
    raise WebhookNotConfigured


def _gateways() -> Mapping[str, PaymentGateway]:
    gateways: Mapping[str, PaymentGateway] = current_app.extensions["payments"]
    return gateways
