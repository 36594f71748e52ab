"""Stripe, and the sandbox that plays it: the same words, two names in the rows."""

from collections.abc import Mapping

from shop.core.config import Config
from shop.payments.gateway import PaymentGateway
from shop.payments.provider import MountedSandbox, ProviderEntry
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.gateway import StripeGateway


def _connect_stripe(
    config: Config, _sandboxes: Mapping[str, MountedSandbox]
) -> PaymentGateway | None:
    if not config.stripe_secret_key:
        return None
    return StripeGateway(
        GatewayConfig(
            secret_key=config.stripe_secret_key,
            webhook_secret=config.stripe_webhook_secret,
            api_base=config.stripe_api_base or None,
        )
    )


def _connect_sandbox(
    config: Config, sandboxes: Mapping[str, MountedSandbox]
) -> PaymentGateway | None:
    mounted = sandboxes.get("stripe")
    if mounted is None:
        return None
    return StripeGateway(
        GatewayConfig(
            secret_key=mounted.secret_key,
            provider="sandbox",
            webhook_secret=mounted.webhook_secret,
            in_process=mounted.call,
            pause_scale=0 if config.env == "testing" else 1,
        )
    )


def _dashboard(payment: str, livemode: bool) -> str:
    mode = "" if livemode else "test/"
    return f"https://dashboard.stripe.com/{mode}payments/{payment}"


WEBHOOK = "/stripe/webhook"
STRIPE = ProviderEntry(
    "stripe",
    _connect_stripe,
    webhook=WEBHOOK,
    form_targets=("https://checkout.stripe.com",),
    payment_url=_dashboard,
)
SANDBOX = ProviderEntry("sandbox", _connect_sandbox, is_play_money=True, webhook=WEBHOOK)
