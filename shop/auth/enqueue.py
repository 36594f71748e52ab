"""Jobs of accounts: each is its own, whatever was asked before."""

import secrets

from shop.jobs import enqueue


def enqueue_once(name: str, **payload: str | int) -> None:
    """Write the job into the open transaction; its `nonce` is what it is known by."""
    nonce = secrets.token_hex(16)
    enqueue(name, {**payload, "nonce": nonce}, f"{name}:{nonce}")
