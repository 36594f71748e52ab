"""The jobs of the stock."""

from shop.jobs import job, register_schedule
from shop.jobs.registry import Payload
from shop.stock.low import tell_low_stock


@job("stock.tell_low", timeout=120)
def tell_low(_payload: Payload) -> None:
    """Tell staff of pieces that have begun to run low."""
    tell_low_stock()


register_schedule("stock.tell_low", 600)
