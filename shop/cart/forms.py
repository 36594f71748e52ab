"""What the cart's forms send, as the use cases take it."""

import re
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from shop.catalog.queries.product import find_variant_id
from shop.core import plaintext
from shop.core.errors import BadInput
from shop.core.row_ids import parse_id
from shop.models.cart import MAX_QUANTITY

_STEPS = {None: 0, "-1": -1, "1": 1}
OPTIONS = ("option_1", "option_2", "option_3")


@dataclass(frozen=True)
class AddForm:
    """Which variant, and how many of it."""

    variant_id: int
    quantity: int

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> "AddForm":
        """Return the checked form. Raises BadInput; a missing quantity is 1.

        A product with several options sends its id and the chosen values instead of a variant.
        """
        quantity = parse_quantity(plaintext.code(form.get("quantity", "1")))
        labels = [form[name] for name in OPTIONS if name in form]
        if not labels:
            return cls(parse_id(form.get("variant_id")), quantity)
        variant_id = find_variant_id(parse_id(form.get("product_id")), labels)
        if variant_id is None:
            choice = ", ".join(labels)[:200]
            raise BadInput(
                _("There is no %(choice)s. Please choose another combination.", choice=choice)
            )
        return cls(variant_id, quantity)


def read_quantity(form: MultiDict[str, str]) -> int:
    """Return to which quantity a line is set, 0 to take it out. Raises BadInput.

    `step` is the − or + that was pressed beside the number, where no script counts.
    """
    quantity = parse_quantity(plaintext.code(form.get("quantity", "")), least=0)
    if form.get("step") not in _STEPS:
        raise BadInput(_("Press − or +, or enter how many you would like."))
    return parse_quantity(str(max(0, quantity + _STEPS[form.get("step")])), least=0)


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
