"""The jobs of coupons: what runs by the clock."""

from typing import Any

from shop.coupons.luck import return_expired
from shop.jobs import job, register_schedule

register_schedule("coupons.return_prizes", 60)


@job("coupons.return_prizes", timeout=60)
def return_prizes(_payload: dict[str, Any]) -> None:
    """Take back the prizes whose ten minutes are over."""
    return_expired()
