"""`python -m bench.compare CHECKOUT`: what pages cost here, against another checkout.

Both serve the same shop: CHECKOUT, the older one, fills it; a copy is taken through the newer one's
migrations. Each round starts a process a side and asks both in turn for small batches of the same
requests, without a server or a network. CPU time counts, not time, and only as a ratio.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.machine import ROOT
from bench.orders import sell
from bench.shop import Shop, copied, filled

BATCH_MS = 60  # CPU time of a batch, about
WARM = 8  # requests of a page before it is measured
FEW = 100  # addresses of a page that is kept
STARTS = 3  # processes that are only started, a round and side
START = """
import json, time
began = time.process_time()
from shop import create_app
create_app()
first = time.process_time()
create_app()
print(json.dumps([first - began, time.process_time() - first]))
"""


class Side:
    """A process that answers batches of requests; see bench/driver.py."""

    def __init__(self, shop: Shop, seed: int) -> None:
        command = [sys.executable, "-m", "bench.driver", str(shop.root), shop.password, str(seed)]
        env = {**shop.env, "PYTHONPATH": "", "PYTHONHASHSEED": str(seed)}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.told = self._line()
        self.failed: dict[str, int] = defaultdict(int)

    def _line(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("a side ended early")
        return json.loads(line)

    def cpu_ms(self, page: str, number: int) -> float:
        """Return CPU milliseconds a request, of a batch of `number`."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{page} {number}\n")
        self.process.stdin.flush()
        told = self._line()
        self.failed[page] += told["failed"]
        return 1000 * float(told["cpu"]) / number

    def end(self) -> None:
        """End the process."""
        self.process.communicate()


@contextmanager
def both(shops: tuple[Shop, Shop], seed: int) -> Iterator[tuple[Side, Side]]:
    """Yield a process for each shop."""
    sides = Side(shops[0], seed), Side(shops[1], seed)
    try:
        yield sides
    finally:
        for side in sides:
            side.end()


def starts(shop: Shop) -> list[float]:
    """Return CPU milliseconds of the first application of a process and of a second one."""
    command = [sys.executable, "-c", START]
    out = subprocess.run(
        command, cwd=shop.root, env=shop.env, capture_output=True, text=True, check=True
    ).stdout
    return [1000 * seconds for seconds in json.loads(out)]


class Table:
    """Per page, the figures of both sides, round by round."""

    def __init__(self) -> None:
        self.rounds: dict[str, list[tuple[float, float]]] = {}

    def note(self, page: str, pairs: list[tuple[float, float]]) -> None:
        """Keep a round: the median of each side's batches."""
        other, here = zip(*pairs, strict=True)
        round_ = statistics.median(other), statistics.median(here)
        self.rounds.setdefault(page, []).append(round_)

    def rows(self) -> Iterator[tuple[str, float, float, float, float, float]]:
        """Yield page, CPU ms there and here, and the median, lowest and highest ratio."""
        for page, rounds in self.rounds.items():
            ratios = [here / other for other, here in rounds]
            there = statistics.median(other for other, _ in rounds)
            here = statistics.median(here for _, here in rounds)
            yield page, there, here, statistics.median(ratios), min(ratios), max(ratios)

    def print(self) -> None:
        """Print the rows as Markdown."""
        print("| Page | CPU ms there | CPU ms here | Ratio | Lowest | Highest |")
        print("| --- | --- | --- | --- | --- | --- |")
        for page, there, here, *ratios in self.rows():
            cells = " | ".join(f"{ratio:.2f}" for ratio in ratios)
            print(f"| `{page}` | {there:.2f} | {here:.2f} | {cells} |", flush=True)


def measure_pages(
    sides: tuple[Side, Side], pages: dict[str, int], batches: int, table: Table
) -> None:
    """Ask both sides for the same batches in turn; which goes first alternates.

    `pages`: name → number of its addresses, each of which is asked for before if they are few.
    """
    for name, addresses in pages.items():
        warm = addresses if WARM < addresses <= FEW else WARM
        cost = min(side.cpu_ms(name, warm) for side in sides)
        number = max(4, min(100, int(BATCH_MS / cost)))
        pairs = []
        for batch in range(batches):
            first, second = sides if batch % 2 == 0 else sides[::-1]
            figures = {side: side.cpu_ms(name, number) for side in (first, second)}
            pairs.append((figures[sides[0]], figures[sides[1]]))
        table.note(name, pairs)


def measure_starts(shops: tuple[Shop, Shop], table: Table) -> None:
    """Start processes of both sides in turn."""
    found = [[starts(shop) for shop in shops] for _ in range(STARTS)]
    for place, name in enumerate(("create_app", "create_app_again")):
        table.note(name, [(other[place], here[place]) for other, here in found])


def measure_round(
    sides: tuple[Side, Side], wanted: set[str], batches: int, table: Table
) -> set[str]:
    """Measure the `wanted` pages, or all; return what makes the figures worthless."""
    known = sides[0].told["pages"].items()
    asked = {name: addresses for name, addresses in known if not wanted or name in wanted}
    measure_pages(sides, asked, batches, table)
    faults = {
        f"{name} was refused {where}"
        for side, where in zip(sides, ("there", "here"), strict=True)
        for name, failed in side.failed.items()
        if failed
    }
    if sides[0].told != sides[1].told:
        faults.add("the searches find different products")
    return faults


def with_orders(shop: Shop, number: int) -> Shop:
    """Give the shop so many paid orders."""
    if number:
        sell(shop.env["DATABASE_URL"], number)
    return shop


def main() -> int:
    """Compare; return 1 when an answer was not as expected or the sides find different things."""
    parser = argparse.ArgumentParser(prog="bench.compare")
    parser.add_argument("checkout", type=Path, help="an older checkout of this repository")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=7)
    parser.add_argument("--products", type=int, default=1000)
    parser.add_argument("--orders", type=int, default=0, help="so many paid ones beforehand")
    parser.add_argument("--pages", default="", help="only these, comma separated")
    options = parser.parse_args()
    wanted = set(filter(None, options.pages.split(",")))
    table, faults = Table(), set()
    with (
        filled("sqlite", options.products, options.checkout.resolve()) as other,
        copied(with_orders(other, options.orders), ROOT) as here,
    ):
        shops = other, here
        for round_ in range(options.rounds):
            if not wanted or "create_app" in wanted:
                measure_starts(shops, table)
            with both(shops, round_) as sides:
                faults |= measure_round(sides, wanted, options.batches, table)
            print(f"# round {round_ + 1} of {options.rounds}", flush=True)
    table.print()
    for fault in sorted(faults):
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
