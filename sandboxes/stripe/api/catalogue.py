"""/v1/products and /v1/prices."""

import re
from typing import Any

from sandboxes.stripe.api.common import changed, given, merge_metadata
from sandboxes.stripe.call import Call, Routes
from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.events import emit
from sandboxes.stripe.lists import list_rows
from sandboxes.stripe.objects import build, completed, deleted, search_result
from sandboxes.stripe.store import Row

PRODUCT_FIELDS = (
    "active",
    "default_price",
    "description",
    "images",
    "marketing_features",
    "name",
    "package_dimensions",
    "shippable",
    "statement_descriptor",
    "tax_code",
    "unit_label",
    "url",
)
PRICE_FIELDS = ("active", "lookup_key", "nickname", "tax_behavior")
# docs.stripe.com/search, the part that finds by field: -?field(:|~)"value", joined by AND.
CLAUSE = re.compile(r"""(-?)(\w+)(?:\[["']([^"']+)["']\])?\s*(:|~)\s*["']([^"']*)["']""")


def new_product(call: Call, values: Json, *, say: bool = True) -> Row:
    """A product; ``say`` = with an event."""
    product_id = values.get("id") or call.tx.new_id("prod", 14)
    if call.tx.find("product", product_id):
        raise ApiError(f"Product already exists: {product_id}", code="resource_already_exists")
    body = build(
        "product",
        id=product_id,
        active=values.get("active", True),
        created=call.tx.now,
        images=values.get("images") or [],
        marketing_features=values.get("marketing_features") or [],
        metadata=merge_metadata({}, values.get("metadata")),
        name=values["name"],
        type=values.get("type", "service"),
        updated=call.tx.now,
        **given(
            values, *(set(PRODUCT_FIELDS) - {"active", "images", "marketing_features", "name"})
        ),
    )
    row = call.tx.insert(body)
    if say:
        emit(call, "product.created", body)
    return row


def create_product(call: Call) -> Json:
    """A product, with its first price where ``default_price_data`` says so."""
    row = new_product(call, call.params)
    data = call.params.get("default_price_data")
    if data:
        price = new_price(call, {**data, "product": row.id})
        row.body["default_price"] = price.id
        call.tx.save(row)
    return row.body


def update_product(call: Call) -> Json:
    """Change a product."""
    row = call.tx.get("product", call.object_id)
    before = dict(row.body)
    row.body.update(given(call.params, *PRODUCT_FIELDS))
    row.body["images"] = row.body["images"] or []
    row.body["marketing_features"] = row.body["marketing_features"] or []
    row.body["metadata"] = merge_metadata(row.body["metadata"], call.params.get("metadata"))
    if row.body["default_price"]:
        call.tx.get("price", row.body["default_price"], "default_price")
    row.body = completed({**row.body, "updated": call.tx.now})
    call.tx.save(row)
    emit(call, "product.updated", row.body, changed(before, row.body))
    return row.body


def delete_product(call: Call) -> Json:
    """Delete a product without prices."""
    row = call.tx.get("product", call.object_id)
    if call.tx.select("price", "json_extract(body, '$.product') = ?", row.id, limit=1):
        raise ApiError(
            "This product cannot be deleted because it has one or more user-created prices."
        )
    call.tx.delete(row)
    emit(call, "product.deleted", row.body)
    return deleted("product", row.id)


def list_products(call: Call) -> Json:
    """Products, newest first; with ``ids`` those of them that exist."""
    where: tuple[str, list[Any]] = ("1", [])
    ids = call.params.get("ids")
    if ids:
        where = (f"id IN ({', '.join('?' * len(ids))})", list(ids))
    return list_rows(
        call, "product", columns=("active",), json_fields={"url": "$.url"}, where=where
    )


def new_price(call: Call, values: Json, *, say: bool = True) -> Row:
    """A price of a product that exists; ``say`` = with an event."""
    unit_amount, decimal = _unit_amount(values)
    if not re.fullmatch(r"[A-Za-z]{3}", values["currency"]):
        raise invalid("currency", f"Invalid currency: {values['currency']}.")
    if values.get("recurring"):
        raise invalid("recurring", "The sandbox sells one-time prices only.")
    body = build(
        "price",
        id=call.tx.new_id("price"),
        active=values.get("active", True),
        billing_scheme="per_unit",
        created=call.tx.now,
        currency=values["currency"].lower(),
        lookup_key=_take_lookup_key(call, values),
        metadata=merge_metadata({}, values.get("metadata")),
        nickname=values.get("nickname"),
        product=values["product"],
        tax_behavior=values.get("tax_behavior", "unspecified"),
        type="one_time",
        unit_amount=unit_amount,
        unit_amount_decimal=decimal,
    )
    row = call.tx.insert(body)
    if say:
        emit(call, "price.created", body)
    return row


def create_price(call: Call) -> Json:
    """A price, for a product that exists or a new one."""
    params = call.params
    if bool(params.get("product")) == bool(params.get("product_data")):
        raise ApiError("You must specify either `product` or `product_data` when creating a price.")
    product = params.get("product")
    if product:
        call.tx.get("product", product, "product")
    else:
        product = new_product(call, params["product_data"]).id
    return new_price(call, {**params, "product": product}).body


def update_price(call: Call) -> Json:
    """Change what may change of a price; its amount may not."""
    row = call.tx.get("price", call.object_id)
    before = dict(row.body)
    if call.params.get("active") is False:
        owner = call.tx.find("product", row.body["product"])
        if owner and owner.body["default_price"] == row.id:
            raise ApiError(
                "This price cannot be archived because it is the default price of its product."
            )
    if call.params.get("lookup_key"):
        _take_lookup_key(call, call.params)
    row.body.update(given(call.params, *PRICE_FIELDS))
    row.body["metadata"] = merge_metadata(row.body["metadata"], call.params.get("metadata"))
    call.tx.save(row)
    emit(call, "price.updated", row.body, changed(before, row.body))
    return row.body


def list_prices(call: Call) -> Json:
    """Prices, newest first."""
    where: tuple[str, list[Any]] = ("1", [])
    keys = call.params.get("lookup_keys")
    if keys:
        marks = ", ".join("?" * len(keys))
        where = (f"json_extract(body, '$.lookup_key') IN ({marks})", list(keys))
    return list_rows(
        call,
        "price",
        columns=("active", "type"),
        json_fields={"product": "$.product", "currency": "$.currency"},
        where=where,
    )


def search(call: Call) -> Json:
    """Objects whose fields match a query of clauses joined by AND."""
    kind = "product" if "products" in call.path else "price"
    clauses = CLAUSE.findall(call.params["query"])
    rest = re.sub(r"\s+AND\s+|\s+", "", CLAUSE.sub("", call.params["query"]))
    if not clauses or rest:
        raise invalid("query", "We were unable to parse your search query.")
    found = [row.body for row in call.tx.select(kind) if _matches(row.body, clauses)]
    return search_result(call.path, found[:100], total=len(found))


def _matches(body: Json, clauses: list[tuple[str, str, str, str, str]]) -> bool:
    for negative, field, key, operator, wanted in clauses:
        value = (body.get(field) or {}).get(key) if key else body.get(field)
        text = str(value).lower()
        hit = wanted.lower() in text if operator == "~" else text == wanted.lower()
        if hit == bool(negative):
            return False
    return True


def _unit_amount(values: Json) -> tuple[int | None, str]:
    if "unit_amount" in values:
        amount = int(values["unit_amount"])
        if amount < 0:
            raise invalid(
                "unit_amount", "Invalid non-negative integer", "parameter_invalid_integer"
            )
        return amount, str(amount)
    decimal = str(values.get("unit_amount_decimal", ""))
    if not re.fullmatch(r"[0-9]+(\.0+)?", decimal):
        raise invalid(
            "unit_amount_decimal", "The sandbox prices in whole minor units; give `unit_amount`."
        )
    return int(decimal.partition(".")[0]), decimal


def _take_lookup_key(call: Call, values: Json) -> str | None:
    key = values.get("lookup_key") or None
    if key is None:
        return None
    for other in call.tx.select("price", "json_extract(body, '$.lookup_key') = ?", key):
        if not values.get("transfer_lookup_key"):
            raise ApiError(
                f"A price (`{other.id}`) already uses that lookup key.",
                code="resource_already_exists",
                param="lookup_key",
            )
        other.body["lookup_key"] = None
        call.tx.save(other)
    return str(key)


def _get(kind: str) -> Any:
    return lambda call: call.tx.get(kind, call.object_id).body


ROUTES: Routes = {
    ("POST", "/v1/products"): create_product,
    ("GET", "/v1/products"): list_products,
    ("GET", "/v1/products/search"): search,
    ("GET", "/v1/products/{id}"): _get("product"),
    ("POST", "/v1/products/{id}"): update_product,
    ("DELETE", "/v1/products/{id}"): delete_product,
    ("POST", "/v1/prices"): create_price,
    ("GET", "/v1/prices"): list_prices,
    ("GET", "/v1/prices/search"): search,
    ("GET", "/v1/prices/{price}"): _get("price"),
    ("POST", "/v1/prices/{price}"): update_price,
}
