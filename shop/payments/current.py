"""The payment gateway of the running application."""

from flask import current_app

from shop.payments.gateway import PaymentGateway


def payment_gateway() -> PaymentGateway:
    """Return the gateway the factory has configured: Stripe, or the sandbox without a key."""
    gateway: PaymentGateway = current_app.extensions["payments"]
    return gateway
