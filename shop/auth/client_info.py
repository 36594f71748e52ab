"""The browser somebody signs in with, as far as services need to know it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ClientInfo:
    """`cart_hash`: SHA-256 of the guest's cart token; `session_id`: the row signed in so far."""

    ip: str
    user_agent: str = ""
    cart_hash: str | None = None
    session_id: int | None = None
