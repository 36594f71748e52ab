"""The jobs that keep the house tidy."""

import logging
from typing import Any

from shop.jobs import job, register_schedule
from shop.operations.retention import apply_retention, clean_up_carts

log = logging.getLogger(__name__)

DAY = 24 * 3600

register_schedule("operations.retention", DAY)
register_schedule("cart.clean_up", 7 * DAY)


@job("operations.retention", timeout=900)
def retention(_payload: dict[str, Any]) -> None:
    """Let go of what has been kept long enough."""
    apply_retention()


@job("cart.clean_up", timeout=900)
def clean_up(_payload: dict[str, Any]) -> None:
    """Delete guests' idle carts."""
    log.info("carts cleaned up", extra={"carts": clean_up_carts()})
