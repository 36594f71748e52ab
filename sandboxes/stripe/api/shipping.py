"""/v1/shipping_rates and /v1/tax_rates."""

from typing import Any

from sandboxes.stripe.api.common import given, merge_metadata
from sandboxes.stripe.call import Call, Routes
from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.lists import list_rows
from sandboxes.stripe.objects import build
from sandboxes.stripe.store import Row

TAX_FIELDS = (
    "active",
    "country",
    "description",
    "display_name",
    "jurisdiction",
    "state",
    "tax_type",
)


def new_rate(call: Call, values: Json, where: str = "") -> Row:
    """A shipping rate with a fixed amount; raises ApiError where the amount is missing."""
    amount = values.get("fixed_amount")
    if not amount:
        raise invalid(
            f"{where}fixed_amount", "Missing required param: fixed_amount.", "parameter_missing"
        )
    if int(amount["amount"]) < 0:
        raise invalid(
            f"{where}fixed_amount[amount]",
            "Invalid non-negative integer",
            "parameter_invalid_integer",
        )
    return call.tx.insert(
        build(
            "shipping_rate",
            id=call.tx.new_id("shr"),
            active=True,
            created=call.tx.now,
            delivery_estimate=values.get("delivery_estimate"),
            display_name=values["display_name"],
            fixed_amount={
                "amount": amount["amount"],
                "currency": amount["currency"].lower(),
            },
            metadata=merge_metadata({}, values.get("metadata")),
            tax_behavior=values.get("tax_behavior", "unspecified"),
            tax_code=values.get("tax_code"),
            type="fixed_amount",
        )
    )


def rate_for_option(call: Call, index: int, option: Json, currency: str) -> Json:
    """The rate behind one of a session's shipping options; raises ApiError."""
    where = f"shipping_options[{index}]"
    if option.get("shipping_rate"):
        rate = call.tx.get("shipping_rate", option["shipping_rate"], where).body
        if not rate["active"]:
            raise ApiError(f"The shipping rate {rate['id']} is archived.", param=where)
    else:
        rate = new_rate(call, option["shipping_rate_data"], f"{where}[shipping_rate_data].").body
    if rate["fixed_amount"]["currency"] != currency:
        raise invalid(where, "The shipping rate's currency differs from that of the line items.")
    return rate


def create_rate(call: Call) -> Json:
    """A shipping rate."""
    return new_rate(call, call.params).body


def update_rate(call: Call) -> Json:
    """Archive a shipping rate or change its metadata."""
    row = call.tx.get("shipping_rate", call.object_id)
    row.body.update(given(call.params, "active", "tax_behavior"))
    row.body["metadata"] = merge_metadata(row.body["metadata"], call.params.get("metadata"))
    call.tx.save(row)
    return row.body


def create_tax(call: Call) -> Json:
    """A tax rate."""
    params = call.params
    if not 0 <= params["percentage"] <= 100:
        raise invalid("percentage", "Invalid percentage: must be between 0 and 100.")
    row = call.tx.insert(
        build(
            "tax_rate",
            id=call.tx.new_id("txr"),
            created=call.tx.now,
            inclusive=params["inclusive"],
            metadata=merge_metadata({}, params.get("metadata")),
            percentage=params["percentage"],
            rate_type="percentage",
            **{"active": True, **given(params, *TAX_FIELDS)},
        )
    )
    return row.body


def update_tax(call: Call) -> Json:
    """Change what may change of a tax rate; its percentage may not."""
    row = call.tx.get("tax_rate", call.object_id)
    row.body.update(given(call.params, *TAX_FIELDS))
    row.body["metadata"] = merge_metadata(row.body["metadata"], call.params.get("metadata"))
    call.tx.save(row)
    return row.body


def list_rates(call: Call) -> Json:
    """Shipping rates, newest first."""
    return list_rows(
        call,
        "shipping_rate",
        columns=("active",),
        json_fields={"currency": "$.fixed_amount.currency"},
    )


def list_taxes(call: Call) -> Json:
    """Tax rates, newest first."""
    return list_rows(
        call, "tax_rate", columns=("active",), json_fields={"inclusive": "$.inclusive"}
    )


def _get(kind: str) -> Any:
    return lambda call: call.tx.get(kind, call.object_id).body


ROUTES: Routes = {
    ("POST", "/v1/shipping_rates"): create_rate,
    ("GET", "/v1/shipping_rates"): list_rates,
    ("GET", "/v1/shipping_rates/{shipping_rate_token}"): _get("shipping_rate"),
    ("POST", "/v1/shipping_rates/{shipping_rate_token}"): update_rate,
    ("POST", "/v1/tax_rates"): create_tax,
    ("GET", "/v1/tax_rates"): list_taxes,
    ("GET", "/v1/tax_rates/{tax_rate}"): _get("tax_rate"),
    ("POST", "/v1/tax_rates/{tax_rate}"): update_tax,
}
