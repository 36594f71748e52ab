"""The jobs of the stock."""

from shop.jobs import job, register_schedule
from shop.jobs.registry import Payload
from shop.stock.low import tell_low_stock
from shop.stock.stocktake import book_count


@job("stock.tell_low", timeout=120)
def tell_low(_payload: Payload) -> None:
    """Tell staff of pieces that have begun to run low."""
    tell_low_stock()


@job("stock.book_count", timeout=1800)
def book_counted(payload: Payload) -> None:
    """Book what differs in a stocktake that staff have closed."""
    book_count(payload["count_id"])


register_schedule("stock.tell_low", 600)
