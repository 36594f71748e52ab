"""The jobs of the daily sums."""

from shop.jobs import job, register_schedule
from shop.jobs.registry import Payload
from shop.sales.daily_mail import queue_daily_mail
from shop.sales.days import keep_days


@job("sales.keep_days", timeout=600)
def follow_the_time_zone(_payload: Payload) -> None:
    """Move sales and refunds to their days in another time zone, once it was changed."""
    keep_days()


register_schedule("sales.keep_days", 600)


@job("sales.daily_mail")
def daily_mail(_payload: Payload) -> None:
    """Tell staff in the morning what the day before brought."""
    queue_daily_mail()


register_schedule("sales.daily_mail", 600)
