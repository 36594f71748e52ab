"""Splitting an amount so that the parts add up to it, to the minor unit."""

from collections.abc import Sequence


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Return `amount` (minor units, ≥ 0) split in proportion to `weights` (≥ 0).

    Largest remainder: everyone gets the whole part of their share, and the units left over go to
    the largest remainders, earlier ones first among equals. The parts sum to `amount` exactly;
    a weight of 0 gets 0. Raises ValueError for negative input, or for an amount without weights.
    """
    if amount < 0 or any(weight < 0 for weight in weights):
        raise ValueError("amounts and weights must not be negative")
    whole = sum(weights)
    if whole == 0:
        if amount:
            raise ValueError("there is nothing to split the amount over")
        return [0] * len(weights)
    shares = [divmod(amount * weight, whole) for weight in weights]
    parts = [quotient for quotient, _ in shares]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-shares[i][1], i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return parts
