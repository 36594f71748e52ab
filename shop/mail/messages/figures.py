"""What staff hear of the shop as a whole: how a day went, what runs low."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from shop.core.config import config
from shop.core.db import db
from shop.mail.message import Mail
from shop.mail.render import compose
from shop.models import Product, ProductVariant
from shop.sales.period import Period
from shop.sales.queries import Figures, best_sellers, current_books, figures_by_day

BEST = 5  # products


def staff_daily_sales(day: date) -> Mail | None:
    """Return the figures of a day beside those of the day before."""
    if not config().staff_email:
        return None
    before = day - timedelta(days=1)
    books, only = current_books(), Period(day, day)
    days = figures_by_day(books, Period(before, day))
    return compose(
        "staff_daily_sales",
        to=config().staff_email,
        subject=_("Sales of %(day)s", day=day.isoformat()),
        on=day,
        figures=days.get(day, Figures()),
        before=days.get(before, Figures()),
        best=best_sellers(books, only, BEST),
        currency=books.currency,
    )


def staff_low_stock(variant_ids: Sequence[int]) -> Mail | None:
    """Return the variants with what is left of each now, the fewest first; None for none."""
    left = ProductVariant.stock_on_hand - ProductVariant.stock_reserved
    rows = db.session.execute(
        select(
            Product.id, Product.name, ProductVariant.sku, ProductVariant.option_values,
            left.label("available"),
        )
        .join(Product, Product.id == ProductVariant.product_id)
        .where(ProductVariant.id.in_(variant_ids))
        .order_by(left, Product.name, ProductVariant.id)
    ).all()  # fmt: skip
    if not config().staff_email or not rows:
        return None
    return compose(
        "staff_low_stock",
        to=config().staff_email,
        subject=_("%(number)d pieces run low", number=len(rows)),
        rows=rows,
    )
