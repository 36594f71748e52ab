"""A Stripe-compatible sandbox: a WSGI application that plays Stripe, with rows of its own.

It imports nothing from the rest of the shop. See docs/sandbox.md.
"""

from shop.sandbox.app import create_sandbox, sandbox_of
from shop.sandbox.config import (
    MOUNT,
    SandboxConfig,
    UnsafeSandbox,
    load_or_create_keys,
    refuse_unsafe,
)
from shop.sandbox.control import Sandbox

__all__ = [
    "MOUNT",
    "Sandbox",
    "SandboxConfig",
    "UnsafeSandbox",
    "create_sandbox",
    "load_or_create_keys",
    "refuse_unsafe",
    "sandbox_of",
]
