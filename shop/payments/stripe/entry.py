"""Stripe, and the sandbox that plays it: the same words, two names in the rows."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from shop.payments.gateway import PaymentGateway
from shop.payments.provider import ProviderContext, ProviderEntry, Words
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.gateway import StripeGateway


def _connect_stripe(around: ProviderContext) -> PaymentGateway | None:
    config = around.config
    if not config.stripe_secret_key:
        return None
    return StripeGateway(
        GatewayConfig(
            secret_key=config.stripe_secret_key,
            webhook_secret=config.stripe_webhook_secret,
            api_base=config.stripe_api_base or None,
        )
    )


def _connect_sandbox(around: ProviderContext) -> PaymentGateway | None:
    mounted = around.sandboxes.get("stripe")
    if mounted is None:
        return None
    return StripeGateway(
        GatewayConfig(
            secret_key=mounted.secret_key,
            provider="sandbox",
            webhook_secret=mounted.webhook_secret,
            in_process=mounted.call,
            pause_scale=0 if around.config.env == "testing" else 1,
        )
    )


def _dashboard(payment: str, livemode: bool) -> str:
    mode = "" if livemode else "test/"
    return f"https://dashboard.stripe.com/{mode}payments/{payment}"


def _words(title: LazyString) -> Words:
    return Words(
        title=title,
        method=_("Card and more"),
        button=_("Go to payment"),
        hint=_("You pay on the next page, a secure one. Nothing is charged before."),
        waiting=_("Your payment is on its way"),
    )


WEBHOOK = "/stripe/webhook"
STRIPE = ProviderEntry(
    "stripe",
    _words(_("Stripe")),
    _connect_stripe,
    webhook=WEBHOOK,
    form_targets=("https://checkout.stripe.com",),
    payment_url=_dashboard,
)
SANDBOX = ProviderEntry(
    "sandbox", _words(_("Sandbox")), _connect_sandbox, is_play_money=True, webhook=WEBHOOK
)
