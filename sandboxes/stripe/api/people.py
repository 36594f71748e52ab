"""/v1/customers, /v1/events and /v1/webhook_endpoints."""

from typing import Any
from urllib.parse import urlsplit

from sandboxes.stripe import customers, events
from sandboxes.stripe.api.common import changed, given, merge_metadata
from sandboxes.stripe.call import Call, Routes
from sandboxes.stripe.config import WEBHOOK_SECRET_PREFIX
from sandboxes.stripe.contract import Json, load
from sandboxes.stripe.errors import invalid
from sandboxes.stripe.events import emit
from sandboxes.stripe.lists import list_rows
from sandboxes.stripe.objects import build, completed, deleted
from sandboxes.stripe.store import Row

CUSTOMER_FIELDS = (
    "address",
    "balance",
    "business_name",
    "description",
    "email",
    "individual_name",
    "name",
    "phone",
    "preferred_locales",
    "shipping",
    "tax_exempt",
)


def create_customer(call: Call) -> Json:
    """A customer."""
    values = {k: v for k, v in given(call.params, *CUSTOMER_FIELDS).items() if v is not None}
    metadata = merge_metadata({}, call.params.get("metadata"))
    return customers.create(call, metadata=metadata, **values).body


def update_customer(call: Call) -> Json:
    """Change a customer."""
    row = call.tx.get("customer", call.object_id)
    before = dict(row.body)
    row.body.update(given(call.params, *CUSTOMER_FIELDS))
    row.body["metadata"] = merge_metadata(row.body["metadata"], call.params.get("metadata"))
    row.body = completed(row.body)
    call.tx.save(row)
    emit(call, "customer.updated", row.body, changed(before, row.body))
    return row.body


def delete_customer(call: Call) -> Json:
    """Delete a customer for good."""
    row = call.tx.get("customer", call.object_id)
    call.tx.delete(row)
    emit(call, "customer.deleted", row.body)
    return deleted("customer", row.id)


def list_events(call: Call) -> Json:
    """Events, newest first; ``types`` and ``delivery_success`` narrow them."""
    conditions, values = ["1"], list[Any]()
    types = call.params.get("types")
    if types:
        if len(types) > 20:
            raise invalid("types", "You may specify at most 20 event types.")
        conditions.append(f"type IN ({', '.join('?' * len(types))})")
        values += types
    success = call.params.get("delivery_success")
    if success is not None:
        undelivered = "SELECT 1 FROM delivery WHERE event = object.id AND state != 'delivered'"
        conditions.append(f"{'NOT ' if success else ''}EXISTS ({undelivered})")
    return list_rows(
        call,
        "event",
        columns=("type",),
        where=(" AND ".join(conditions), values),
        render=lambda row: events.rendered(call.tx, row),
    )


def create_endpoint(call: Call) -> Json:
    """Another receiver of events; this answer alone shows its secret."""
    row = new_endpoint(call, call.params)
    return {**row.body, "secret": row.extra["secret"]}


def new_endpoint(call: Call, values: Json) -> Row:
    """A receiver of events; raises ApiError for an address that is none."""
    _check_url(values["url"])
    secret = WEBHOOK_SECRET_PREFIX + call.tx.new_id("", 32).removeprefix("_sbx")
    return call.tx.insert(
        build(
            "webhook_endpoint",
            id=call.tx.new_id("we"),
            api_version=values.get("api_version", load().api_version),
            created=call.tx.now,
            description=values.get("description") or None,
            enabled_events=values["enabled_events"],
            metadata=merge_metadata({}, values.get("metadata")),
            status="enabled",
            url=values["url"],
        ),
        {"secret": secret},
    )


def update_endpoint(call: Call) -> Json:
    """Change an endpoint's address or events, or switch it off."""
    row = call.tx.get("webhook_endpoint", call.object_id)
    if "url" in call.params:
        _check_url(call.params["url"])
    row.body.update(given(call.params, "description", "enabled_events", "url"))
    if "disabled" in call.params:
        row.body["status"] = "disabled" if call.params["disabled"] else "enabled"
    row.body["metadata"] = merge_metadata(row.body["metadata"], call.params.get("metadata"))
    call.tx.save(row)
    return row.body


def delete_endpoint(call: Call) -> Json:
    """Remove an endpoint."""
    row = call.tx.get("webhook_endpoint", call.object_id)
    call.tx.delete(row)
    return deleted("webhook_endpoint", row.id)


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise invalid("url", "Invalid URL: an absolute http or https address is needed.")


def _event(call: Call) -> Json:
    row: Row = call.tx.get("event", call.object_id)
    return events.rendered(call.tx, row)


ROUTES: Routes = {
    ("POST", "/v1/customers"): create_customer,
    ("GET", "/v1/customers"): lambda c: list_rows(c, "customer", json_fields={"email": "$.email"}),
    ("GET", "/v1/customers/{customer}"): lambda c: c.tx.get("customer", c.object_id).body,
    ("POST", "/v1/customers/{customer}"): update_customer,
    ("DELETE", "/v1/customers/{customer}"): delete_customer,
    ("GET", "/v1/events"): list_events,
    ("GET", "/v1/events/{id}"): _event,
    ("POST", "/v1/webhook_endpoints"): create_endpoint,
    ("GET", "/v1/webhook_endpoints"): lambda c: list_rows(c, "webhook_endpoint"),
    ("GET", "/v1/webhook_endpoints/{webhook_endpoint}"): lambda c: (
        c.tx.get("webhook_endpoint", c.object_id).body
    ),
    ("POST", "/v1/webhook_endpoints/{webhook_endpoint}"): update_endpoint,
    ("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}"): delete_endpoint,
}
