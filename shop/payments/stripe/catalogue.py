"""What the shop keeps at Stripe besides payments: a discount per attempt, a product per product."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shop.payments.errors import ObjectUnknown, PaymentRefused
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.params import MAX_NAME, coupon_of, public_images, shortened

if TYPE_CHECKING:
    from shop.payments.stripe.connection import Connection


class StripeCatalogue:
    """The catalogue's half of the gateway. The library is imported at the first call."""

    def __init__(self, config: GatewayConfig) -> None:
        self._config = config

    @cached_property
    def _stripe(self) -> "Connection":
        from shop.payments.stripe.connection import Connection

        return Connection(self._config)

    def discount_of(self, params: Mapping[str, Any]) -> str | None:
        """Return the discount that a page with `params` refers to, or None."""
        return coupon_of(params)

    def ensure_discount(
        self, coupon_id: str, *, amount: int, currency: str, name: str | None = None
    ) -> str:
        """Make the one-use discount `coupon_id` of `amount` unless it exists; return its id."""
        wanted = {"amount_off": amount, "currency": currency.lower()}
        params: dict[str, Any] = {
            "id": coupon_id, "duration": "once", "max_redemptions": 1, **wanted
        }  # fmt: skip
        if name:
            params["name"] = shortened(name, 40)
        try:
            return self._stripe.call(
                f"create coupon {coupon_id}", lambda c: c.v1.coupons.create(typed(params)), _id
            )
        except PaymentRefused as error:
            if error.code != "resource_already_exists":
                raise
        coupon = self._stripe.call(
            f"get coupon {coupon_id}", lambda c: c.v1.coupons.retrieve(coupon_id), dict
        )
        if any(coupon.get(key) != value for key, value in wanted.items()):
            raise PaymentRefused(f"{coupon_id} has other terms", code="coupon_mismatch")
        return coupon_id

    def delete_discount(self, coupon_id: str) -> None:
        """Remove a discount; one that is not there is fine."""
        try:
            self._stripe.call(
                f"delete coupon {coupon_id}", lambda c: c.v1.coupons.delete(coupon_id), _id
            )
        except ObjectUnknown:
            return

    def upsert_product(
        self,
        ref_id: str,
        *,
        name: str,
        description: str,
        images: Sequence[str] = (),
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Create or update the product with our own id `ref_id`; return its id."""
        title = {"name": shortened(name, MAX_NAME), "metadata": dict(metadata or {})}
        prose, pictures = description.strip(), public_images(images)
        optional = {"description": prose, "images": pictures}
        new = {**title, "id": ref_id, **{key: value for key, value in optional.items() if value}}
        try:
            return self._stripe.call(
                f"create product {ref_id}", lambda c: c.v1.products.create(typed(new)), _id
            )
        except PaymentRefused as error:
            if error.code != "resource_already_exists":
                raise
        # an empty text unsets what is no longer there
        change = {**title, "active": True, "description": prose, "images": pictures or ""}
        return self._stripe.call(
            f"update product {ref_id}", lambda c: c.v1.products.update(ref_id, typed(change)), _id
        )

    def archive_product(self, ref: str) -> None:
        """Take the product off sale there; one that is not there is fine."""
        try:
            self._stripe.call(
                f"archive product {ref}",
                lambda c: c.v1.products.update(ref, {"active": False}),
                _id,
            )
        except ObjectUnknown:
            return


def typed(params: Mapping[str, Any]) -> Any:
    """Hand our dictionary to the library's typed parameters; the contract tests check them."""
    return dict(params)


def _id(data: Mapping[str, Any]) -> str:
    return str(data["id"])
