"""How the shop sells: a period beside the one before it, and the last fourteen days as bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Row

from shop.admin.charts import BarChart, draw_bars, draw_line
from shop.core.money import exponent
from shop.sales.funnel import FunnelStep, load_funnel
from shop.sales.period import ChosenPeriod, Period, last_days
from shop.sales.queries import (
    Figures,
    best_sellers,
    current_books,
    figures_by_day,
    total_of,
)

BARS: Final = 14  # days
BEST: Final = 5


@dataclass(frozen=True)
class Headline:
    """One number: `amount` in minor units or a count, beside that of the period before."""

    name: str
    amount: int
    before: int
    is_money: bool
    is_loss: bool
    line: str

    @property
    def percent(self) -> int | None:
        """By how many percent it changed; None where there was nothing before."""
        return round(100 * (self.amount - self.before) / self.before) if self.before > 0 else None


@dataclass(frozen=True)
class SalesPanel:
    """What Today shows of the sales."""

    chosen: ChosenPeriod
    currency: str
    headlines: Sequence[Headline]
    chart: BarChart
    days: Sequence[tuple[date, Figures, Figures]]
    best: Sequence[Row[Any]]
    funnel: Sequence[FunnelStep]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing was sold in the days of the chart and those before."""
        return not any(now.orders or before.orders for _, now, before in self.days)


def load_sales_panel(chosen: ChosenPeriod, today: date) -> SalesPanel:
    """Return the sales of a period; three statements, whatever was sold."""
    books, fortnight = current_books(), last_days(today, BARS)
    period = chosen.period
    days = figures_by_day(books, period.before, period, fortnight.before, fortnight)
    none = Figures()
    rows = [
        (day, days.get(day, none), days.get(day - timedelta(days=BARS), none)) for day in fortnight
    ]
    pairs = [(before.amount_sales, now.amount_sales) for _, now, before in rows]
    return SalesPanel(
        chosen=chosen,
        currency=books.currency,
        headlines=_headlines(days, period, [now for _, now, _ in rows]),
        chart=draw_bars(pairs, 10 ** exponent(books.currency)),
        days=rows,
        best=best_sellers(books, period, BEST),
        funnel=load_funnel(
            period,
            paid=total_of(days, period).orders,
            paid_before=total_of(days, period.before).orders,
        ),
    )


def _headlines(
    days: dict[date, Figures], period: Period, lately: Sequence[Figures]
) -> list[Headline]:
    now, before = total_of(days, period), total_of(days, period.before)
    return [
        Headline(
            name,
            getattr(now, name),
            getattr(before, name),
            is_money=name != "orders",
            is_loss=name == "amount_refunded",
            line=draw_line([getattr(figures, name) for figures in lately]),
        )
        for name in ("amount_sales", "orders", "amount_average", "amount_refunded")
    ]
