"""What the cart's forms send, as the use cases take it."""

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from shop.cart.quantity import parse_id, parse_quantity


@dataclass(frozen=True)
class AddForm:
    """Which variant, and how many of it."""

    variant_id: int
    quantity: int

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> "AddForm":
        """Return the checked form. Raises BadInput; a missing quantity is 1."""
        return cls(parse_id(form.get("variant_id")), parse_quantity(form.get("quantity", "1")))
