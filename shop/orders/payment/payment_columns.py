"""A payment as its row can hold it: money that came is written down, whatever the provider says."""

from typing import Any

from shop.payments.gateway import SessionState

LARGEST = 2**63 - 1  # BIGINT


def payment_columns(state: SessionState) -> dict[str, Any]:
    """Return the columns of a payment that the provider decides on, within their bounds.

    What does not fit differs from what was agreed, so staff see it: the order's history has the
    provider's own words.
    """
    return {
        "payment_intent": _text(state.payment_intent, 255) or None,
        "charge": _text(state.charge, 255) or None,
        "amount": min(max(state.amount, 0), LARGEST),
        "currency": _text(state.currency, 3),
        "method": _text(state.method, 40),
        "method_label": _text(state.method_label, 80),
        "livemode": state.livemode,
    }


def _text(value: str | None, most: int) -> str:
    return (value or "").replace("\0", "")[:most]
