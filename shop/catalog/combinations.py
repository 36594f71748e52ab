"""What a product's options make: their combinations, and the SKUs of these. Pure."""

import itertools
from collections.abc import Sequence
from math import prod
from typing import Final

from shop.catalog.input_types import MOST_VARIANTS, OptionFields
from shop.catalog.text import make_slug, option_key
from shop.core.errors import BadInput

LONGEST_STEM: Final = 24  # characters of a SKU that the product's name gives
LONGEST_PART: Final = 12  # and each value
LONGEST_SKU: Final = 56  # with room for a number that tells it from others


def combine(
    options: Sequence[OptionFields], present: Sequence[Sequence[str]] = ()
) -> list[list[str]]:
    """Return the combinations of the options' values that are not `present`, in their order.

    Raises BadInput where a product would have more than MOST_VARIANTS.
    """
    possible = prod(len(option.values) for option in options)
    if possible > MOST_VARIANTS:
        raise BadInput(
            option_values=f"These make {possible} variants. A product has at most {MOST_VARIANTS}."
        )
    known = {option_key(values) for values in present}
    labels = [[value.label for value in option.values] for option in options]
    return [list(made) for made in itertools.product(*labels) if option_key(made) not in known]


def count_missing(options: Sequence[OptionFields], present: Sequence[Sequence[str]]) -> int:
    """Return how many combinations are not `present`, also where these are too many to make."""
    return max(0, prod(len(option.values) for option in options) - len(present))


def find_stem(skus: Sequence[str], values: Sequence[str]) -> str:
    """Return how the SKUs of a product begin; `values`: the options of the first one."""
    same = itertools.takewhile(
        lambda pair: pair[0] == pair[1], zip(min(skus), max(skus), strict=False)
    )
    shared = "".join(sign for sign, _ in same).rstrip("-_ .")
    if len(skus) > 1 and shared:
        return shared
    first, suffix = skus[0], compose_sku("", values)
    return first.removesuffix(f"-{suffix}") if suffix else first


def make_stem(name: str) -> str:
    """Return how the SKUs of a product of this name begin: NEROLI-EAU-DE-PARFUM."""
    return make_slug(name, LONGEST_STEM).upper()


def compose_sku(stem: str, values: Sequence[str]) -> str:
    """Return the SKU of a variant: NEROLI and ["50 ml", "Amber"] give NEROLI-50ML-AMBER."""
    parts = [make_slug(value).replace("-", "").upper()[:LONGEST_PART] for value in values]
    suffix = "-".join(filter(None, parts))
    start = stem[: LONGEST_SKU - len(suffix) - 1].strip("- ")
    return "-".join(filter(None, [start, suffix]))
