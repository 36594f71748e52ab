"""How many: the rules for a number that somebody typed. Pure."""

import re

from shop.core.errors import BadInput
from shop.models.cart import MAX_QUANTITY


def parse_quantity(text: str | None, *, least: int = 1) -> int:
    """Return the quantity in `text`: ASCII digits, from `least` (0 removes) to 99.

    Raises BadInput. Python's int() would also take "1_000", "１２" and " 5 ".
    """
    if text is None or not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII):
        raise BadInput(quantity=f"Enter a quantity from {least} to {MAX_QUANTITY}.")
    quantity = int(text)
    if not least <= quantity <= MAX_QUANTITY:
        raise BadInput(quantity=f"Enter a quantity from {least} to {MAX_QUANTITY}.")
    return quantity
