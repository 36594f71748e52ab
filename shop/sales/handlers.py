"""The jobs of the daily sums."""

from shop.jobs import job, register_schedule
from shop.jobs.registry import Payload
from shop.sales.days import keep_days


@job("sales.keep_days", timeout=600)
def follow_the_time_zone(_payload: Payload) -> None:
    """Move sales and refunds to their days in another time zone, once it was changed."""
    keep_days()


register_schedule("sales.keep_days", 600)
