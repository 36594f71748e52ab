"""SKUs and barcodes that are the same on every machine. Pure."""

import hashlib
import re
from collections.abc import Sequence

from shop.catalog.text import fold

_SIGNS = re.compile(r"[^a-z0-9]+")
_SMALL_WORDS = frozenset("and con de del della der des du eau for la le les of the with".split())


def make_sku(brand: str, section: str, name: str, labels: Sequence[str] = ()) -> str:
    """Return a SKU such as MF-EDP-NEROLI-50ML.

    `brand` and `section` are codes; `labels` are the option values of the variant.
    """
    words = [_SIGNS.sub("", word) for word in fold(name).replace("-", " ").split()]
    telling = [word for word in words if word and word not in _SMALL_WORDS] or ["piece"]
    first_and_last = telling if len(telling) < 3 else [telling[0], telling[-1]]
    parts = [brand, section, "".join(word[:8] for word in first_and_last)]
    parts += [_SIGNS.sub("", fold(label))[:12] for label in labels]
    return "-".join(part for part in parts if part).upper()


def make_barcode(sku: str) -> str:
    """Return an EAN-13 of the range 200 to 299, which GS1 leaves to shops for their own use."""
    digest = int.from_bytes(hashlib.sha256(sku.encode()).digest()[:8], "big")
    digits = f"2{digest % 10**11:011}"
    return digits + check_digit(digits)


def check_digit(digits: str) -> str:
    """Return the last digit of an EAN-13 for its first twelve (GS1 General Specifications 7.9)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-total % 10)
