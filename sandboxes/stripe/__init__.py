"""A Stripe-compatible sandbox: a WSGI application that plays Stripe, with rows of its own.

It imports nothing from the rest of the shop. See docs/sandbox.md.
"""

from sandboxes.stripe.app import SandboxApp
from sandboxes.stripe.config import (
    MOUNT,
    SandboxConfig,
    UnsafeSandbox,
    load_or_create_keys,
)
from sandboxes.stripe.control import Sandbox

__all__ = [
    "MOUNT",
    "Sandbox",
    "SandboxApp",
    "SandboxConfig",
    "UnsafeSandbox",
    "load_or_create_keys",
]
