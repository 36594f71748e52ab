"""What the first page of the staff shows. Nothing on it costs more the more a shop has sold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Row,
    Subquery,
    func,
    literal,
    literal_column,
    select,
)

from shop.admin.open_work import MANY, count_items, in_list
from shop.admin.today.figures import SalesPanel, load_sales_panel
from shop.core.clock import now, today
from shop.core.config import config
from shop.core.db import db
from shop.jobs.queries import LATE
from shop.models import (
    Attention,
    DeliveryMethod,
    Job,
    JobState,
    MailMessage,
    Order,
    Payment,
    PaymentState,
    Product,
    ProductVariant,
    ShopState,
)
from shop.models.job import FAILED_MAIL
from shop.payments.current import configured_providers, is_play_money
from shop.payments.registry import PROVIDERS
from shop.sales.period import ChosenPeriod
from shop.settings.queries import shop_settings
from shop.stock.low import low_variants

FEW: Final = 6  # rows of a short list
_LATEST: Final = 50  # payments that are looked at
SILENT: Final = timedelta(hours=1)  # news of a payment is here by then, if it comes at all


@dataclass(frozen=True)
class Facts:
    """What is counted at one glance; `low_count` and `failed_mails` up to MANY."""

    low_count: int
    failed_mails: int
    failed_jobs: int
    is_late: bool
    is_silent: bool
    sold: int
    steps: Mapping[str, bool]

    @property
    def steps_done(self) -> int:
        """How many of the steps that set up a shop are done."""
        return sum(self.steps.values())


@dataclass(frozen=True)
class Today:
    """Everything the first page shows; None and nothing where one may not see it."""

    at: datetime
    facts: Facts
    attention: Mapping[Attention, int]
    sales: SalesPanel | None
    low: Sequence[Row[Any]]
    newest: Sequence[Order]
    left_to_send: dict[int, int]


def load_today(chosen: ChosenPeriod, may: Callable[[str], bool]) -> Today:
    """Return what the first page shows to whom `may` lets in; at most ten statements."""
    sees_orders = may("orders.view")
    newest = _newest() if sees_orders else []
    return Today(
        at=now(),
        facts=_facts(),
        attention=_attention() if sees_orders else {},
        sales=load_sales_panel(chosen, today(config().timezone)) if may("reports.view") else None,
        low=_low_stock() if may("products.view") else [],
        newest=newest,
        left_to_send={row[0]: row[2] for row in count_items(newest)} if newest else {},
    )


def count_paid_since(moment: str) -> int:
    """Return how many orders were paid after a moment (ISO 8601), MANY at most; 0 for no moment."""
    try:
        since = datetime.fromisoformat(moment)
    except ValueError:
        return 0
    if since.tzinfo is None:
        return 0
    latest = select(Payment.order_id, Payment.state, Payment.created_at)
    some = latest.order_by(Payment.id.desc()).limit(MANY).subquery()
    paid = (some.c.created_at > since) & (some.c.state == PaymentState.CAPTURED)
    return db.session.scalar(select(func.count(some.c.order_id.distinct())).where(paid)) or 0


def _newest() -> Sequence[Order]:
    latest = select(Order).order_by(Order.placed_at.desc(), Order.id.desc())
    return db.session.scalars(latest.limit(FEW)).all()


def _attention() -> dict[Attention, int]:
    """Return how many orders need a look, by reason, of MANY at most."""
    some = select(Order.attention).where(in_list("attention")).limit(MANY).subquery()
    rows = db.session.execute(select(some.c.attention, func.count()).group_by(some.c.attention))
    return {Attention(row[0]): row[1] for row in rows}


def _facts() -> Facts:
    at, settings = now(), shop_settings()
    ready = Job.state == JobState.READY
    failed_mails = select(MailMessage.id).where(literal_column(FAILED_MAIL)).limit(MANY).subquery()
    row = db.session.execute(
        select(
            _number_of(low_variants(MANY)).label("low_count"),
            _number_of(failed_mails).label("failed_mails"),
            select(func.count(Job.id)).where(Job.state == JobState.FAILED).label("failed_jobs"),
            select(func.min(Job.run_at)).where(ready).label("oldest"),
            _last_payment().label("last_payment"),
            select(ShopState.webhook_seen_at).label("called_at"),
            select(ShopState.paid_count).label("sold"),
            _is_any(Product.is_active).label("has_product"),
            _is_any(DeliveryMethod.is_active).label("has_delivery"),
        )
    ).one()
    called = row.called_at
    is_silent = row.last_payment is not None and (
        called is None or row.last_payment - called > SILENT
    )
    return Facts(
        low_count=row.low_count,
        failed_mails=row.failed_mails,
        failed_jobs=row.failed_jobs,
        is_late=row.oldest is not None and (at - row.oldest).total_seconds() > LATE,
        is_silent=is_silent and at - row.last_payment > SILENT,
        sold=row.sold,
        steps={
            "product": row.has_product,
            "delivery": row.has_delivery,
            "contact": bool(settings.contact_email),
            "money": not any(map(is_play_money, configured_providers())),
            "sold": row.sold > 0,
        },
    )


def _number_of(rows: Subquery) -> Any:
    return select(func.count()).select_from(rows).scalar_subquery()


def _is_any(condition: Any) -> Any:
    return select(literal(1)).where(condition).exists()


def _last_payment() -> Any:
    """Return when money came last by a provider that calls the shop, of the latest payments."""
    calling = [name for name in configured_providers() if PROVIDERS[name].webhook]
    latest = select(Payment.provider, Payment.created_at).order_by(Payment.id.desc())
    some = latest.limit(_LATEST).subquery()
    return select(func.max(some.c.created_at)).where(some.c.provider.in_(calling))


def _low_stock() -> Sequence[Row[Any]]:
    low = low_variants(FEW)
    rows = (
        select(
            ProductVariant.id,
            ProductVariant.product_id,
            ProductVariant.sku,
            ProductVariant.option_values,
            low.c.available,
            Product.name,
            Product.cover,
        )
        .join(low, low.c.id == ProductVariant.id)
        .join(Product, Product.id == ProductVariant.product_id)
        .order_by(low.c.available, ProductVariant.id)
    )
    return db.session.execute(rows).all()
