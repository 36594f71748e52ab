"""Bronze, silver, gold: what somebody has bought in all says which. Pure."""

from collections.abc import Sequence
from enum import StrEnum


class Tier(StrEnum):
    """How much somebody has bought; NONE before anything counts."""

    NONE = ""
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


Steps = Sequence[tuple[Tier, int]]


def tier_steps(silver: int, gold: int) -> Steps:
    """Return each tier with the amount from which it begins, upwards; minor units.

    0: there is no such tier. Bronze begins with the first purchase. Silver that would begin where
    gold does, or above, is never reached.
    """
    steps = [(Tier.BRONZE, 1)]
    if silver > 0 and not 0 < gold <= silver:
        steps.append((Tier.SILVER, silver))
    if gold > 0:
        steps.append((Tier.GOLD, gold))
    return steps


def tier_of(steps: Steps, amount: int) -> Tier:
    """Return the tier of who has bought for `amount`, less what went back."""
    reached = [tier for tier, start in steps if amount >= start]
    return reached[-1] if reached else Tier.NONE


def next_tier(steps: Steps, amount: int) -> tuple[Tier, int] | None:
    """Return the next tier and what is missing to it; None for who has reached the last."""
    return next(((tier, start - amount) for tier, start in steps if start > amount), None)


def tier_bounds(steps: Steps, tier: Tier) -> tuple[int, int | None]:
    """Return from which amount on somebody is of a tier, and below which; None: no end.

    Nobody is of a tier that is not among the steps: then both are the same.
    """
    starts = [start for _tier, start in steps]
    names = [name for name, _start in steps]
    if tier not in names:
        return 1, 1
    place = names.index(tier)
    return starts[place], starts[place + 1] if place + 1 < len(starts) else None
