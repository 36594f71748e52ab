"""`python -m bench`: measure, print a table, write bench/results/latest.json."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import pages
from bench.load import Load, read, send
from bench.machine import Missing, children, cpu_seconds, postgres_pids, pss_mb
from bench.shop import Shop, filled, limit, save, served

FULL = os.environ.get("FULL") == "1"
LATEST = Path(__file__).parent / "results" / "latest.json"
LIMIT_PATHS = [f"/grid?page={n}" for n in range(1, 41)]
AT_ONCE = 8  # threads that send forms
FORMS = 320 if FULL else 160
Row = dict[str, object]


def main() -> int:
    """Run what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--engines", default="sqlite,postgresql")
    parser.add_argument("--products", default="1000,100000" if FULL else "1000")
    parser.add_argument("--concurrency", default="1,16,100" if FULL else "16")
    parser.add_argument("--seconds", type=int, default=10 if FULL else 4)
    parser.add_argument("--pages", default="", help="only these, comma separated")
    options = parser.parse_args()
    results: list[Row] = []
    try:
        for engine in options.engines.split(","):
            for products in map(int, options.products.split(",")):
                with filled(engine, products) as shop:
                    for row in _measured(shop, engine, products, options):
                        results.append(row)
                        print(_line(row), flush=True)
                        save(results, LATEST)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


def _measured(shop: Shop, engine: str, products: int, options: argparse.Namespace) -> Iterator[Row]:
    wanted = set(filter(None, options.pages.split(",")))
    is_written = False  # forms are sent by as many threads whatever the concurrency
    with limit(shop) as port:
        for concurrency in map(int, options.concurrency.split(",")):
            bare = _Limit(port, concurrency)
            with served(shop):
                known = pages.pages(shop)
                counts = pages.statements(shop, known)
                for page in known:
                    if wanted and page.name not in wanted:
                        continue
                    meter = _Meter(shop, engine)
                    load = pages.measure(shop, page, concurrency, options.seconds)
                    row = _row(page.name, engine, products, concurrency, load, meter)
                    row["statements"] = counts[page.name]
                    yield {**row, "limit_rps": bare.beside()}
                if concurrency < AT_ONCE or is_written:
                    continue
                is_written = True
                for name in ("add_to_cart", "place_order", "webhook"):
                    if wanted and name not in wanted:
                        continue
                    tasks = getattr(pages, name)(shop, AT_ONCE, FORMS)
                    meter = _Meter(shop, engine)
                    load = send(tasks, AT_ONCE)
                    row = _row(name, engine, products, AT_ONCE, load, meter)
                    yield {**row, "limit_rps": bare.beside()}


class _Limit:
    """The bare limit, asked for between any two pages: a machine is not equally fast for long."""

    SECONDS = 2

    def __init__(self, port: int, concurrency: int) -> None:
        self.port, self.concurrency = port, concurrency
        read(port, LIMIT_PATHS, min(concurrency, 4), 1)
        self.before = self._read()

    def _read(self) -> float:
        return read(self.port, LIMIT_PATHS, self.concurrency, self.SECONDS).rps

    def beside(self) -> float:
        """Return the mean, in requests a second, of before and after what was just measured."""
        before, self.before = self.before, self._read()
        return round((before + self.before) / 2, 1)


class _Meter:
    """CPU of the shop and of the database from now on."""

    def __init__(self, shop: Shop, engine: str) -> None:
        self.shop, self.engine = shop, engine
        self.app, self.db = self._read()

    def _read(self) -> tuple[float, float]:
        db = cpu_seconds(postgres_pids(), with_ended=True) if self.engine != "sqlite" else 0.0
        return cpu_seconds(children(self.shop.pid)), db

    def per_request(self, requests: int) -> tuple[float, float]:
        """Return CPU milliseconds a request in the shop and in the database."""
        app, db = self._read()
        return 1000 * (app - self.app) / requests, 1000 * (db - self.db) / requests


def _row(name: str, engine: str, products: int, concurrency: int, load: Load, meter: _Meter) -> Row:
    cpu, db_cpu = meter.per_request(max(load.requests, 1))
    return {
        "page": name,
        "engine": engine,
        "products": products,
        "concurrency": concurrency,
        "rps": round(load.rps, 1),
        "p50_ms": round(load.p50_ms, 2),
        "p95_ms": round(load.p95_ms, 2),
        "statements": None,
        "cpu_ms": round(cpu, 2),
        "db_cpu_ms": round(db_cpu, 2),
        "bytes": round(load.bytes),
        "rss_mb": round(pss_mb(children(meter.shop.pid)), 1),
        "failed": load.failed,
    }


def _line(row: Row) -> str:
    share = float(str(row["rps"])) / float(str(row["limit_rps"])) if row["limit_rps"] else 0
    return (
        f"{row['engine']:<11}{row['products']:>8} {row['page']:<15} c={row['concurrency']:<4}"
        f"{row['rps']:>8} rps {share:>5.2f} of the limit  p50 {row['p50_ms']:>7}  "
        f"p95 {row['p95_ms']:>7} ms  {row['statements'] or '–':>2} statements  "
        f"CPU {row['cpu_ms']} + {row['db_cpu_ms']} ms  {row['rss_mb']} MB"
        + (f"  {row['failed']} FAILED" if row["failed"] else "")
    )


if __name__ == "__main__":
    sys.exit(main())
