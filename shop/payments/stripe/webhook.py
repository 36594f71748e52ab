"""From a webhook's raw body to an event, or a refusal.

The library checks the signature; the time stamp we judge ourselves, because the library lets one
from the future pass, and by a clock that tests can move.
"""

import json
from datetime import datetime

import stripe

from shop.payments.errors import InvalidEvent, InvalidSignature, WebhookNotConfigured
from shop.payments.gateway import GatewayEvent
from shop.payments.stripe.objects import gateway_event

TOLERANCE = 300
"""Seconds a time stamp may lie in the past (Stripe's default) or in the future (ours)."""


def parse_event(body: bytes, signature: str | None, secret: str, now: datetime) -> GatewayEvent:
    """Return the event in `body` if `signature`, the header as it came, proves its origin.

    Raises InvalidSignature, InvalidEvent, WebhookNotConfigured.
    """
    if not secret.strip():
        raise WebhookNotConfigured
    _verify(body, signature, secret.strip())
    if abs(now.timestamp() - _timestamp(signature or "")) > TOLERANCE:
        raise InvalidSignature("The signature's time stamp is too far from now.")
    try:
        return gateway_event(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise InvalidEvent from error
    except RecursionError as error:
        raise InvalidEvent("The event is nested too deeply.") from error


def _verify(body: bytes, signature: str | None, secret: str) -> None:
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, None)
    except stripe.SignatureVerificationError as error:
        raise InvalidSignature from error
    except (UnicodeError, TypeError) as error:  # a body or a signature that is no text
        raise InvalidSignature from error


def _timestamp(signature: str) -> int:
    """Return the same `t` the library signed with: the first."""
    items = (part.split("=", 2) for part in signature.split(","))
    return next(int(item[1]) for item in items if item[0] == "t")
