"""The jobs of a sale: what runs after the commit, and what runs by the clock."""

from typing import Any

from flask import current_app

from shop.core.config import Config
from shop.jobs import job, register_schedule
from shop.orders.payment.webhook import handle_kept_events
from shop.orders.services import (
    end_overdue,
    expire_attempt,
    reconcile,
    refund_unsent,
    send_refund,
)
from shop.payments.current import find_gateway


def _has_sandbox(config: Config) -> bool:
    return config.uses_sandbox


register_schedule("orders.sweep", 60)
register_schedule("orders.reconcile", 300)
register_schedule("sandbox.deliver", 5, when=_has_sandbox)


@job("orders.sweep", timeout=300)
def sweep_orders(_payload: dict[str, Any]) -> None:
    """End what was not paid in time."""
    end_overdue().check()


@job("orders.reconcile", timeout=600)
def reconcile_orders(_payload: dict[str, Any]) -> None:
    """Ask the provider about everything open."""
    reconcile().check()


@job("orders.take_kept_events", timeout=120)
def take_kept(payload: dict[str, Any]) -> None:
    """Look again at events that came before what they are about was known."""
    handle_kept_events(ref=payload.get("ref"), row=payload.get("row")).check()


@job("orders.send_refund", timeout=60)
def send(payload: dict[str, Any]) -> None:
    """Hand a refund to the provider, under its own key."""
    send_refund(payload["refund_id"])


@job("orders.end_page", timeout=60)
def end_page(payload: dict[str, Any]) -> None:
    """Have a payment page ended at the provider that nobody should pay any more."""
    expire_attempt(payload["attempt_id"])


@job("orders.refund_attention", timeout=60)
def refund_attention(payload: dict[str, Any]) -> None:
    """Refund what was paid but cannot be sent, unless staff or the policy say otherwise by now."""
    refund_unsent(payload["order_id"])


@job("orders.drop_discount", timeout=60)
def drop_discount(payload: dict[str, Any]) -> None:
    """Delete at the provider the discount of a page that can no longer be paid."""
    gateway = find_gateway(payload["provider"])
    if gateway is not None:
        gateway.delete_discount(payload["discount"])


@job("sandbox.deliver", timeout=60)
def deliver_sandbox_events(_payload: dict[str, Any]) -> None:
    """Let the sandbox's time pass and deliver the events it still owes us."""
    current_app.extensions["sandbox"].sandbox.deliver_due()
