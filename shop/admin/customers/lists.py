"""The list of customers: which of them, in which order, what each has bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, and_, false, func, select

from shop.admin.customers.queries import find_customer
from shop.admin.open_work import MANY, Count
from shop.admin.query_strings import query_string
from shop.catalog.text import fold, like, words
from shop.core.db import db
from shop.customers.facts import order_key
from shop.customers.queries import counts_for_tiers, current_steps
from shop.customers.tiers import Tier, tier_bounds, tier_of
from shop.models import Customer, CustomerSum, Order, User

PER_PAGE: Final = 50
MOST_FOUND: Final = 10_000
TIERS: Final = (Tier.GOLD, Tier.SILVER, Tier.BRONZE)
SORTS: Final = ("latest", "spend")
_AMONG: Final[dict[str, list[Any]]] = {
    "all": [],
    "accounts": [Customer.user_id.is_not(None)],
    "guests": [Customer.user_id.is_(None)],
    "business": [Customer.is_business],
    "blocked": [Customer.is_blocked],
}
VIEWS: Final = tuple(_AMONG)


@dataclass(frozen=True)
class CustomerFilter:
    """Which customers: one of VIEWS, a text, a tier; those of a tier, or by `sort` "spend", by
    what they bought."""

    view: str = "all"
    text: str = ""
    tier: Tier = Tier.NONE
    sort: str = "latest"
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        """Whether it shows less than its view."""
        return bool(self.text or self.tier)

    @property
    def is_by_spend(self) -> bool:
        """Whether it begins with who has bought most, and knows only who has bought."""
        return bool(self.tier) or self.sort == "spend"

    def query(self, **changes: object) -> str:
        """Return it as a query string, "" for the list as it opens."""
        values = {
            "view": self.view if self.view != "all" else "",
            "q": self.text,
            "tier": str(self.tier),
            "sort": self.sort if self.sort != "latest" else "",
            "page": self.page if self.page > 1 else "",
        }
        return query_string({**values, **changes})


@dataclass(frozen=True)
class CustomerRow:
    """A customer in the list; `orders` that were paid, `amount` less what went back."""

    customer: Customer
    last_order: Order | None
    is_staff: bool
    orders: int
    amount: int
    tier: Tier


@dataclass(frozen=True)
class CustomerRows:
    """A page of the list; `counts` by view, up to MANY."""

    rows: Sequence[CustomerRow]
    counts: dict[str, Count]
    total: Count
    has_more: bool


def list_customers(chosen: CustomerFilter) -> CustomerRows:
    """Return a page of the customers: who ordered or registered last first, or by what they bought.

    What is counted is counted up to a limit: a list costs the same however long it is.
    """
    which = _conditions(chosen)
    counts, total = _counts(chosen, which)
    listed = select(Customer, Order, User.role_id, CustomerSum.orders, CustomerSum.amount_net)
    found = db.session.execute(
        _sorted(chosen, _joined(chosen, listed).where(*which))
        .outerjoin(Order, Order.id == Customer.last_order_id)
        .outerjoin(User, User.id == Customer.user_id)
        .limit(PER_PAGE + 1)
        .offset((chosen.page - 1) * PER_PAGE)
    ).all()
    steps = current_steps()
    rows = [
        CustomerRow(
            customer=row[0],
            last_order=row[1],
            is_staff=row.role_id is not None,
            orders=row.orders or 0,
            amount=row.amount_net or 0,
            tier=tier_of(steps, row.amount_net or 0),
        )
        for row in found[:PER_PAGE]
    ]
    return CustomerRows(rows, counts, total, len(found) > PER_PAGE)


def _joined(chosen: CustomerFilter, listed: Any) -> Any:
    """Return the statement with what each has bought, which it may be sorted by."""
    counts = and_(CustomerSum.customer_id == Customer.id, counts_for_tiers())
    if chosen.is_by_spend:
        return listed.join(CustomerSum, counts)
    return listed.outerjoin(CustomerSum, counts)


def _sorted(chosen: CustomerFilter, statement: Any) -> Any:
    if chosen.is_by_spend:
        return statement.order_by(CustomerSum.amount_net.desc(), CustomerSum.customer_id.desc())
    return statement.order_by(Customer.active_at.desc(), Customer.id.desc())


def _conditions(chosen: CustomerFilter) -> list[ColumnElement[bool]]:
    found = list(_AMONG[chosen.view])
    if chosen.tier:
        low, high = tier_bounds(current_steps(), chosen.tier)
        found.append(CustomerSum.amount_net >= low)
        if high is not None:
            found.append(CustomerSum.amount_net < high)
    if chosen.text:
        found.append(_says(chosen.text))
    return found


def _says(text: str) -> ColumnElement[bool]:
    """Return the condition that somebody is meant: by an order's number, their address, or words.

    Whoever is named exactly is found by an index; words are looked for in the names of all.
    """
    order = db.session.scalar(select(order_key()).where(Order.number == text.upper()))
    if order:
        return Customer.key == order
    if "@" in text and (customer_id := find_customer(text)) is not None:
        return Customer.id == customer_id
    asked = [fold(text)] if "@" in text else words(text)
    says = [Customer.search_text.like(like(word), escape="!") for word in asked if word]
    return and_(*says) if says else false()


def _counts(
    chosen: CustomerFilter, which: list[ColumnElement[bool]]
) -> tuple[dict[str, Count], Count]:
    """Return how many each view has, and the list itself; one statement."""
    parts = [_up_to(MANY, select(Customer.id).where(*_AMONG[view])) for view in VIEWS]
    if chosen.is_narrowed or chosen.is_by_spend:
        parts.append(_up_to(MOST_FOUND, _joined(chosen, select(Customer.id)).where(*which)))
    row = db.session.execute(select(*parts)).one()
    counts = {view: Count(row[nth], MANY) for nth, view in enumerate(VIEWS)}
    if len(parts) > len(VIEWS):
        return counts, Count(row[-1], MOST_FOUND)
    return counts, counts[chosen.view]


def _up_to(most: int, some: Any) -> ScalarSelect[int]:
    return select(func.count()).select_from(some.limit(most).subquery()).scalar_subquery()
