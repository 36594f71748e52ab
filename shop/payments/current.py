"""The gateways of the running application, each found by the provider that a row names."""

from collections.abc import Mapping

from flask import current_app

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
    """Return whom new attempts use: the first of the registry that is configured."""
    return next(iter(_gateways()))


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
