"""The lines of a session: prices that exist, and prices that are made for it."""

from sandboxes.stripe.api.catalogue import new_price, new_product
from sandboxes.stripe.api.common import merge_metadata
from sandboxes.stripe.call import Call
from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError, invalid


def build_lines(call: Call, items: list[Json]) -> tuple[list[Json], str]:
    """What the session keeps of its line items, and their one currency; raises ApiError."""
    lines = [_line(call, f"line_items[{index}]", item) for index, item in enumerate(items)]
    currencies = {line["price"]["currency"] for line in lines}
    if len(currencies) > 1:
        raise invalid("line_items", "All line items must have the same currency.")
    return lines, str(currencies.pop())


def _line(call: Call, where: str, item: Json) -> Json:
    price, name = _price(call, where, item)
    rates = [
        call.tx.get("tax_rate", rate, f"{where}[tax_rates]").body
        for rate in item.get("tax_rates") or []
    ]
    adjustable = item.get("adjustable_quantity")
    return {
        "id": call.tx.new_id("li"),
        "adjustable_quantity": adjustable if adjustable and adjustable["enabled"] else None,
        "description": name,
        "metadata": merge_metadata({}, item.get("metadata")),
        "price": price,
        "quantity": item["quantity"],
        "tax_rates": rates,
    }


def _price(call: Call, where: str, item: Json) -> tuple[Json, str]:
    if item.get("price"):
        price = call.tx.get("price", item["price"], f"{where}[price]").body
        if not price["active"]:
            raise ApiError(
                f"The price specified is inactive. This field only accepts active prices "
                f"({price['id']}).",
                param=f"{where}[price]",
            )
        return price, str(call.tx.get("product", price["product"]).body["name"])
    data = item["price_data"]
    if data.get("product"):
        product = call.tx.get("product", data["product"], f"{where}[price_data][product]").body
    else:
        # Products and prices made in passing are archived at once, as at Stripe.
        product = new_product(call, {**data["product_data"], "active": False}, say=False).body
    values = {key: value for key, value in data.items() if key != "product_data"}
    price = new_price(call, {**values, "product": product["id"], "active": False}, say=False).body
    return price, str(product["name"])
