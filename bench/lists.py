"""`python -m bench.lists`: what the lists of orders cost with few orders and with many."""

import argparse
import json
from typing import Final

from bench.orders import sell
from bench.shop import filled

LISTS: Final = {
    "to send": "",
    "all": "?view=all",
    "attention": "?view=attention",
    "days": "?view=all&since=2026-01-01",
    "a country": "?view=all&country=FR",
    "no country": "?view=all&country=JP",
    "no coupon": "?view=all&coupon=NONE",
    "no SKU": "?view=all&sku=NONE",
    "a way to pay": "?view=all&provider=sandbox",
    "no way to pay": "?view=all&provider=manual",
    "a word": "?view=all&q=buyer",
    "no word": "?view=all&q=nobody",
    "no address": "?view=all&q=nobody@nowhere.example",
}
PRODUCTS: Final = 200


def main() -> None:
    """Print the milliseconds of each list, by engine and number of orders."""
    parser = argparse.ArgumentParser(prog="bench.lists")
    parser.add_argument("--engines", default="sqlite,postgresql")
    parser.add_argument("--orders", default="1000,100000")
    options = parser.parse_args()
    paths = json.dumps({name: f"/admin/orders{query}" for name, query in LISTS.items()})
    for engine in options.engines.split(","):
        measured = {}
        for number in map(int, options.orders.split(",")):
            with filled(engine, PRODUCTS) as shop:
                sell(shop.env["DATABASE_URL"], number)
                measured[number] = shop.in_process("costs", paths)
        few, *_, many = measured
        print(f"{engine}: ms of the process (of the clock), {few:,} and {many:,} orders")
        for name in LISTS:
            small, large = measured[few][name], measured[many][name]
            ratio = large[1] / small[1]
            print(
                f"{name:14} {small[0]:7} ({small[1]:6}) {large[0]:7} ({large[1]:6})  × {ratio:.2f}"
            )


if __name__ == "__main__":
    main()
