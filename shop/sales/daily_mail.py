"""The figures of a day, to staff on the morning after it."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shop.core.clock import now
from shop.core.config import config
from shop.core.db import end_read, retried, transaction
from shop.jobs import enqueue
from shop.settings.queries import shop_settings

HOUR: Final = 6  # o'clock in the shop's zone, from which the day before is told


@retried
def queue_daily_mail() -> bool:
    """Queue the mail about yesterday, once a day however often it is asked; whether it is new.

    After a pause of days only the last one is told. Nothing while the setting is off, or where no
    mail to staff goes.
    """
    here = now().astimezone(ZoneInfo(config().timezone))
    if not shop_settings().daily_sales_mail or not config().staff_email or here.hour < HOUR:
        return False
    end_read()
    day = (here.date() - timedelta(days=1)).isoformat()
    with transaction():
        key = f"mail.staff_daily_sales:{day}"
        return enqueue("mail.staff_daily_sales", {"day": day}, dedupe_key=key)
