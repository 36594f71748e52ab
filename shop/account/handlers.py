"""What follows once an address is proven."""

from typing import Any

from shop.account.services import adopt_guest_orders
from shop.jobs import job


@job("account.address_proven")
def address_proven(payload: dict[str, Any]) -> None:
    """Give the account the guest orders placed with its address."""
    adopt_guest_orders(payload["user_id"])
