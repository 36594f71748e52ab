"""What a sandbox needs to know, its keys, and what it refuses."""

import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandboxes.stripe.money import format_amount

KEY_PREFIX = "sk_test_sandbox"
WEBHOOK_SECRET_PREFIX = "whsec_sandbox"  # noqa: S105 - the beginning of one, not a secret
MOUNT = "/_sandbox"
RETRY_SECONDS = (1, 5, 30, 120, 600)

WEBHOOK_EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.payment_failed",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "radar.early_fraud_warning.created",
    "product.updated",
    "product.deleted",
    "price.updated",
    "price.deleted",
)


def write_plainly() -> Callable[[int, str], str]:
    """Return what writes amounts where no shop says how; by name, so that processes can pass it."""
    return format_amount


@dataclass(frozen=True)
class SandboxConfig:
    """Everything a sandbox is told; it reads no environment.

    ``shop_name`` gives the name as it is now, ``amount_writer`` what writes minor units of a
    currency on the pages, asked for once a page. ``shop_url`` is the shop's public origin, "" = the
    ``X-Sandbox-Origin`` header of the API call, else the origin of the session's success_url.
    ``public_url`` is where browsers reach the sandbox itself, "" = the shop's origin +
    ``/_sandbox``. ``control`` opens ``/test/*``; ``demo`` closes the admin and fault pages, because
    strangers can reach them. ``time_source`` gives UNIX seconds; ``retry_seconds`` are the waits
    between webhook attempts, ``page_wait_seconds`` how long the payment page waits for the shop's
    answer to an event before it redirects.
    """

    database: Path | str
    secret_key: str
    webhook_secret: str
    shop_name: Callable[[], str]
    amount_writer: Callable[[], Callable[[int, str], str]] = write_plainly
    shop_url: str = ""
    control: bool = False
    demo: bool = False
    public_url: str = ""
    webhook_path: str = "/stripe/webhook"
    webhook_events: tuple[str, ...] = WEBHOOK_EVENTS
    time_source: Callable[[], float] = time.time
    retry_seconds: tuple[float, ...] = RETRY_SECONDS
    page_wait_seconds: float = 10.0


class UnsafeSandbox(Exception):
    """The sandbox must not run with these settings; the message says how to fix them."""


def load_or_create_keys(instance_dir: Path) -> tuple[str, str]:
    """This installation's API key and webhook secret, made on the first call.

    Both are random and written once to ``sandbox-keys.json`` (mode 600). Two processes that start
    at once read the same pair: the file appears complete or not at all.
    """
    path = instance_dir / "sandbox-keys.json"
    if not path.exists():
        instance_dir.mkdir(parents=True, exist_ok=True)
        _write_keys_once(path)
    keys = json.loads(path.read_text("utf-8"))
    return keys["secret_key"], keys["webhook_secret"]


def _write_keys_once(path: Path) -> None:
    keys = {
        "secret_key": KEY_PREFIX + secrets.token_hex(16),
        "webhook_secret": WEBHOOK_SECRET_PREFIX + secrets.token_hex(24),
    }
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(keys, file)
    try:
        os.link(draft, path)  # fails where the file exists: the first writer wins
    except FileExistsError:
        return
    finally:
        draft.unlink()
