"""One process of buyers: 8 threads share out its carts."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import SimpleQueue

from shop import create_app
from shop.core.errors import InsufficientStock
from tests.orders import kit
from tests.races.race_kit import in_app


def buy(cart_id: int) -> str:
    """Place the order."""
    try:
        kit.place(cart_id)
    except InsufficientStock:
        return "sold out"
    return "bought"


def buy_all(
    settings: dict[str, str], carts: Sequence[int], results: "SimpleQueue[list[str]]"
) -> None:
    """Order what is in the carts, at the shop of `settings`; put down what became of each."""
    shop = create_app(settings)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(in_app(shop, buy, cart_id)) for cart_id in carts]
        results.put([result.result() for result in waiting])
