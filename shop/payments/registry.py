"""The providers, a line each; the first that is configured takes the money of new attempts."""

from collections.abc import Mapping

from shop.payments.manual.entry import MANUAL
from shop.payments.provider import ProviderEntry
from shop.payments.stripe.entry import SANDBOX, STRIPE

PROVIDERS: Mapping[str, ProviderEntry] = {
    STRIPE.name: STRIPE,
    SANDBOX.name: SANDBOX,
    MANUAL.name: MANUAL,
}


def webhook_paths() -> tuple[str, ...]:
    """Return the paths at which providers may send messages, configured or not."""
    return tuple(sorted({entry.webhook for entry in PROVIDERS.values()} - {""}))
