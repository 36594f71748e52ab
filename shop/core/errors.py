"""What can go wrong, as one tree. An error knows the sentence for the visitor and its HTTP status.

ShopError                400
├─ BadInput              422
├─ NotFound              404
├─ NotPermitted          403
├─ CartError             409   InsufficientStock · ProductUnavailable · CartEmpty · TotalsChanged ·
│                             DeliveryChanged · PaymentChanged · TextsChanged
├─ CouponError           422
├─ OrderError            409   InvalidTransition · RefundTooLarge · StaleForm
├─ PaymentError          502
├─ TooManyRequests       429
└─ Busy                  503
"""

from collections.abc import Mapping
from http import HTTPStatus


class ShopError(Exception):
    """Anything the shop refuses. `str(error)` is fit for the visitor to read."""

    status = HTTPStatus.BAD_REQUEST
    message = "That did not work."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)


class BadInput(ShopError):
    """Malformed or missing input; nothing was changed. `fields`: field name → what is wrong."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    message = "Please check what you entered."

    def __init__(self, message: str | None = None, **fields: str) -> None:
        super().__init__(message or next(iter(fields.values()), None))
        self.fields = fields


class NotFound(ShopError):
    """No such thing, or not the asker's: the two are never told apart."""

    status = HTTPStatus.NOT_FOUND
    message = "We could not find that."


class NotPermitted(ShopError):
    """The person is known and may not do this."""

    status = HTTPStatus.FORBIDDEN
    message = "You may not do that."


class CartError(ShopError):
    """The cart cannot do this in the present state of the shop."""

    status = HTTPStatus.CONFLICT


class CartEmpty(CartError):
    """Checkout was asked for a cart without items."""

    message = "Your bag is empty."


class ProductUnavailable(CartError):
    """The variant is no longer on sale."""

    message = "That piece is no longer available."


class InsufficientStock(CartError):
    """Fewer pieces are available than were asked for."""

    def __init__(self, name: str, available: int, variant_id: int) -> None:
        self.available = available
        self.variant_id = variant_id
        left = "is sold out" if available <= 0 else f"has only {available} left"
        super().__init__(f"{name} {left}.")


class TotalsChanged(CartError):
    """Prices moved since the page was shown; the customer must see the new total first."""

    message = "Your total has changed. Please look at it once more."


class DeliveryChanged(CartError):
    """The chosen way of delivery is not offered, for this country or any more."""

    message = "That way of delivery is not offered. Please choose again."


class PaymentChanged(CartError):
    """The chosen way to pay is not offered, for this total or any more."""

    message = "That way to pay is not offered. Please choose again."


class TextsChanged(CartError):
    """Terms, or what else the checkout shows, have changed since the page was shown."""

    message = "Our terms have changed. Please read them and agree once more."


class CouponError(ShopError):
    """The code does not apply."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    message = "Your code cannot be used for this order. Take it out of your bag to go on."


class OrderError(ShopError):
    """The order's state does not allow this."""

    status = HTTPStatus.CONFLICT


class InvalidTransition(OrderError):
    """A move that the table of states does not have."""

    message = "The order has moved on; this is no longer possible."


class RefundTooLarge(OrderError):
    """More would be refunded than was paid."""

    message = "That is more than what is left to refund."


class StaleForm(OrderError):
    """Somebody else changed the object since the form was opened.

    `present`: field name → the value it has now, where the form would give it another one;
    `version`: what a form that knows of them carries.
    """

    message = "This was changed by somebody else in the meantime. Here are the present values."

    def __init__(
        self,
        message: str | None = None,
        *,
        present: Mapping[str, str] | None = None,
        version: int = 0,
    ) -> None:
        super().__init__(message)
        self.present = dict(present or {})
        self.version = version


class PaymentError(ShopError):
    """The payment service failed; nothing was charged unless the message says so."""

    status = HTTPStatus.BAD_GATEWAY
    message = "The payment service cannot be reached. Nothing was charged; please try again."


class TooManyRequests(ShopError):
    """A limit was reached; `retry_after` says for how many seconds."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    message = "That was a little too often. Please wait a moment."

    def __init__(self, message: str | None = None, *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(ShopError):
    """The database is locked or away; the same request may work in a moment."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    message = "The shop is very busy. Please try again in a moment."
    retry_after = 3
