"""What a list's URL asks for, and the URLs of its neighbours. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from shop.catalog.sorts import SORTS
from shop.catalog.text import LONGEST_QUERY
from shop.core import plaintext
from shop.core.errors import BadInput, NotFound
from shop.core.money import plain_amount
from shop.core.number_input import parse_amount

PER_PAGE = 24
LAST_PAGE = 500
KEPT_PAGES = 5  # how deep finished pages are kept
MOST_BRANDS = 20


@dataclass(frozen=True)
class Filters:
    """A list: where it stands (`path`) and what its query asks. Prices in minor units.

    `category` and `brands` are slugs from the query; the section whose page this is stands in
    `path` alone.
    """

    path: str
    currency: str
    q: str = ""
    category: str = ""
    brands: tuple[str, ...] = ()
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool = False
    sort: str = "featured"
    page: int = 1

    def url(self, page: int = 1) -> str:
        """Return the canonical URL of this list, at `page`."""
        query = self._query_string
        if page > 1:
            query = f"{query}&page={page}" if query else f"page={page}"
        return f"{self.path}?{query}" if query else self.path

    def but(self, **changes: Any) -> "Filters":
        """Return the same list with other answers, from its first page."""
        return replace(self, page=1, **changes)

    def known(self, categories: Collection[str], brands: Collection[str]) -> "Filters":
        """Return the list without slugs that there are not; the very same when all are known."""
        category = self.category if self.category in categories else ""
        found = tuple(slug for slug in self.brands if slug in brands)
        if (category, found) == (self.category, self.brands):
            return self
        return replace(self, category=category, brands=found)

    def cleared(self) -> "Filters":
        """Return the list with its search and order, but no filter."""
        return Filters(self.path, self.currency, q=self.q, sort=self.sort)

    @property
    def count(self) -> int:
        """How many filters there are."""
        price = self.min_price is not None or self.max_price is not None
        return bool(self.category) + len(self.brands) + price + self.in_stock

    @property
    def is_plain(self) -> bool:
        """Whether the finished page is worth keeping: no search, at most one filter, not deep."""
        varied = self.count + (self.sort != "featured")
        return varied <= 1 and self.page <= KEPT_PAGES and not self.is_free

    @property
    def is_free(self) -> bool:
        """Whether something was typed rather than chosen: there is no end of such lists."""
        return bool(self.q) or self.min_price is not None or self.max_price is not None

    @cached_property
    def _query_string(self) -> str:
        return urlencode(self._query())

    def _query(self) -> list[tuple[str, str]]:
        query = [("q", self.q)] if self.q else []
        if self.category:
            query.append(("category", self.category))
        query += [("brand", slug) for slug in self.brands]
        for name, amount in (("min_price", self.min_price), ("max_price", self.max_price)):
            if amount is not None:
                query.append((name, plain_amount(amount, self.currency).removesuffix(".00")))
        if self.in_stock:
            query.append(("in_stock", "1"))
        if self.sort != "featured":
            query.append(("sort", self.sort))
        return query


def read_filters(
    path: str, args: "MultiDict[str, str]", currency: str, locale: str
) -> tuple[Filters, dict[str, str]]:
    """Return what `args` ask for and, by field, what is wrong with them.

    Prices are read as they are typed in `locale`; canonical URLs carry them as machines write them,
    which is read, too (shop/core/number_input.py). Unknown orders fall back to the default; slugs
    are not looked up here. Raises NotFound for a page number that is none, or beyond LAST_PAGE.
    """
    wrong: dict[str, str] = {}
    low = _amount(args, "min_price", (currency, locale), wrong)
    high = _amount(args, "max_price", (currency, locale), wrong)
    if low is not None and high is not None and low > high:
        wrong["max_price"] = "The highest price must not be below the lowest."
        high = None
    sort = args.get("sort", "")
    filters = Filters(
        path,
        currency,
        q=plaintext.line(args.get("q", ""))[:LONGEST_QUERY].strip(),
        category=args.get("category", "")[:120],
        brands=_unique(args.getlist("brand")),
        min_price=low,
        max_price=high,
        in_stock=args.get("in_stock") == "1",
        sort=sort if sort in SORTS else "featured",
        page=_page(args.get("page", "1")),
    )
    return filters, wrong


def _page(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text, re.ASCII) or int(text) > LAST_PAGE:
        raise NotFound
    return int(text)


def _unique(slugs: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(slug[:120] for slug in slugs if slug))[:MOST_BRANDS]


def _amount(
    args: "MultiDict[str, str]", name: str, written: tuple[str, str], wrong: dict[str, str]
) -> int | None:
    text = plaintext.code(args.get(name, ""))
    if not text:
        return None
    try:
        return parse_amount(text, *written)
    except BadInput as error:
        wrong[name] = str(error)
        return None
