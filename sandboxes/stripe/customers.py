"""Customers."""

from typing import Any

from sandboxes.stripe.call import Call
from sandboxes.stripe.events import emit
from sandboxes.stripe.objects import build
from sandboxes.stripe.store import Row

KIND = "customer"


def create(call: Call, **values: Any) -> Row:
    """A new customer."""
    customer_id = call.tx.new_id("cus", 14)
    row = call.tx.insert(
        build(
            KIND,
            id=customer_id,
            balance=values.pop("balance", 0),
            created=call.tx.now,
            delinquent=False,
            invoice_prefix=customer_id[-8:].upper(),
            invoice_settings=values.pop("invoice_settings", {}),
            metadata=values.pop("metadata", {}),
            next_invoice_sequence=1,
            preferred_locales=values.pop("preferred_locales", []),
            tax_exempt=values.pop("tax_exempt", "none"),
            **values,
        )
    )
    emit(call, "customer.created", row.body)
    return row
