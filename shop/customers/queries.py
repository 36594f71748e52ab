"""What pages read of customers."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from shop.core.config import config
from shop.core.db import db
from shop.core.money import exponent
from shop.customers.facts import key_of_account
from shop.customers.tiers import Steps, Tier, next_tier, tier_of, tier_steps
from shop.models import Customer, CustomerSum, User
from shop.sales.queries import current_books
from shop.settings.queries import shop_settings


@dataclass(frozen=True)
class Standing:
    """The tier of a customer, what they bought for it, and what is missing to the next."""

    tier: Tier
    amount: int
    next: tuple[Tier, int] | None


def current_steps() -> Steps:
    """Return the tiers as the merchant has set them, in minor units."""
    settings, unit = shop_settings(), 10 ** exponent(config().currency)
    return tier_steps(settings.tier_silver_from * unit, settings.tier_gold_from * unit)


def standing_for(amount: int) -> Standing:
    """Return where somebody stands who has bought for `amount`, less what went back."""
    steps = current_steps()
    return Standing(tier_of(steps, amount), amount, next_tier(steps, amount))


def counts_for_tiers() -> ColumnElement[bool]:
    """Return which sums count: those of the money that the shop takes now, and of no other."""
    books = current_books()
    same_money = CustomerSum.is_sandbox.is_(books.with_sandbox)
    return same_money & (CustomerSum.currency == books.currency)


def standing_of(user_id: int) -> Standing:
    """Return where an account stands."""
    amount = db.session.scalar(
        select(CustomerSum.amount_net)
        .join(Customer, Customer.id == CustomerSum.customer_id)
        .where(Customer.user_id == user_id, counts_for_tiers())
    )
    return standing_for(amount or 0)


def is_buyer_blocked(user_id: int | None, email_key: str) -> bool:
    """Return whether the shop sells nothing to this account, or under this address."""
    keys = [email_key] if user_id is None else [email_key, key_of_account(user_id)]
    account = select(User.id).where(User.email_key == email_key).scalar_subquery()
    named = select(Customer.is_blocked).where(
        or_(Customer.key.in_(keys), Customer.user_id == account)
    )
    return any(db.session.scalars(named))  # three at most, each by its key
