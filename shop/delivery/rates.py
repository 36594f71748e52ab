"""What a delivery method costs and when its parcels arrive. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shop.delivery.bands import find_rate
from shop.models import DeliveryMethod, Rates


@dataclass(frozen=True)
class DeliveryQuote:
    """A method offered for a cart; amounts in minor units. `amount_to_free` is None when moot."""

    method_id: int
    code: str
    name: str
    description: str
    amount: int
    amount_to_free: int | None
    arrives_from: date
    arrives_until: date


def rate(method: DeliveryMethod, goods_amount: int, weight: int) -> int | None:
    """Return the price of `method` for a bag; None for one that it does not take.

    Bands are by the whole bag: weights that nobody entered count as nothing, and goods are worth
    what they cost before a discount, as for what is free from an amount.
    """
    if method.rates is Rates.FLAT:
        return method.unit_amount
    return find_rate(method.bands, weight if method.rates is Rates.WEIGHT else goods_amount)


def quote(
    method: DeliveryMethod,
    goods_amount: int,
    weight: int,
    *,
    at: datetime,
    zone: str,
    cutoff_hour: int,
) -> DeliveryQuote | None:
    """Return what `method` costs for goods worth `goods_amount` ordered at `at`.

    `weight`: of all pieces, grams. None for a bag that the method does not take.
    """
    amount = rate(method, goods_amount, weight)
    if amount is None:
        return None
    is_free = method.free_from is not None and goods_amount >= method.free_from
    missing = None
    if method.free_from is not None and amount > 0 and not is_free:
        missing = method.free_from - goods_amount
    first, last = arrival(method, at=at, zone=zone, cutoff_hour=cutoff_hour)
    return DeliveryQuote(
        method_id=method.id,
        code=method.code,
        name=method.name,
        description=method.description,
        amount=0 if is_free else amount,
        amount_to_free=missing,
        arrives_from=first,
        arrives_until=last,
    )


def arrival(
    method: DeliveryMethod, *, at: datetime, zone: str, cutoff_hour: int
) -> tuple[date, date]:
    """Return the first and last day a parcel ordered at `at` arrives.

    It leaves the same working day when ordered before `cutoff_hour` in the shop's `zone`, else
    the next; days of delivery are working days too.
    """
    local = at.astimezone(ZoneInfo(zone))
    leaves = local.date() if local.hour < cutoff_hour else local.date() + timedelta(days=1)
    leaves = _working_day(leaves)
    return _after(leaves, method.min_days), _after(leaves, method.max_days)


def _working_day(day: date) -> date:
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def _after(day: date, working_days: int) -> date:
    for _ in range(working_days):
        day = _working_day(day + timedelta(days=1))
    return day
