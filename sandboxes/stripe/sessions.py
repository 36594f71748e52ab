"""A Checkout Session's life: open → complete or expired."""

from urllib.parse import urlsplit

from sandboxes.stripe import faults, payments, tasks, totals
from sandboxes.stripe.call import Call
from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError
from sandboxes.stripe.events import emit
from sandboxes.stripe.expand import include
from sandboxes.stripe.lists import slice_items
from sandboxes.stripe.objects import list_object
from sandboxes.stripe.store import Row, Tx

KIND = "checkout.session"


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def complete(call: Call, row: Row, payment_status: str) -> None:
    """Close an open session as complete and say so.

    ``payment_status`` is paid, unpaid (a debit is on its way) or no_payment_required.
    """
    session = row.body
    session.update(status="complete", payment_status=payment_status, url=None)
    reference = faults.behaviour(call.tx, "charge_other_reference", row.id)
    if reference is not None:
        session["client_reference_id"] = str(reference)
    row.extra.pop("challenge", None)
    _count_redemption(call.tx, row.extra)
    tasks.cancel(call.tx, "expire", row.id)
    call.tx.save(row)
    emit(call, "checkout.session.completed", session)


def settle(call: Call, row: Row, *, success: bool) -> None:
    """Tell how the debit of a complete session ended."""
    if success:
        row.body["payment_status"] = "paid"
    call.tx.save(row)
    outcome = "succeeded" if success else "failed"
    emit(call, f"checkout.session.async_payment_{outcome}", row.body)


def expire(call: Call, row: Row) -> None:
    """Expire an open session; raises ApiError 400 in any other state."""
    session = row.body
    if session["status"] != "open":
        raise ApiError(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{session['status']}`."
        )
    session.update(status="expired", url=None)
    row.extra.pop("challenge", None)
    recovery = (session["after_expiration"] or {}).get("recovery")
    if recovery and recovery["enabled"]:
        recovery["url"] = f"{row.extra['page_base']}/r/{row.id}"
        recovery["expires_at"] = call.tx.now + 30 * 86400
    tasks.cancel(call.tx, "expire", row.id)
    call.tx.save(row)
    # docs.stripe.com/api/payment_intents/cancel: to cancel the intent, expire the session
    if intent := call.tx.find(payments.KIND, session["payment_intent"]):
        payments.cancel(call, intent, "expired")
    emit(call, "checkout.session.expired", session)


@tasks.job("expire")
def _expire_by_time(call: Call, session_id: str, _data: Json) -> None:
    row = call.tx.find(KIND, session_id)
    if row is not None and row.body["status"] == "open":
        expire(call, row)


@include(KIND, "line_items")
def _line_items(tx: Tx, session: Json) -> Json:
    items = tx.get(KIND, session["id"]).extra["items"]
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return list_object(url, items[:10], has_more=len(items) > 10)


@include(KIND, "breakdown")
def _breakdown(tx: Tx, session: Json) -> Json:
    row = tx.get(KIND, session["id"])
    return totals.breakdown(row.extra, row.body)


def line_items(call: Call) -> Json:
    """A page of a session's line items, with taxes and discounts where they are expanded."""
    row = call.tx.get(KIND, call.object_id, "session")
    page = slice_items(call, row.extra["items"])
    wanted = call.params.get("expand", [])
    for item in page["data"]:
        if any(path.startswith("data.taxes") for path in wanted):
            item["taxes"] = totals.taxes_of(row.extra, item)
        if any(path.startswith("data.discounts") for path in wanted):
            discount = row.extra.get("discount")
            amount = item["amount_discount"]
            item["discounts"] = (
                [{"amount": amount, "discount": discount["object"]}] if discount else []
            )
    return page


def _count_redemption(tx: Tx, extra: Json) -> None:
    discount = extra.get("discount")
    if not discount:
        return
    names = [("coupon", discount["coupon"]["id"])]
    if discount["object"]["promotion_code"]:
        names.append(("promotion_code", discount["object"]["promotion_code"]))
    for kind, object_id in names:
        row = tx.find(kind, object_id)
        if row is None:
            continue
        row.body["times_redeemed"] += 1
        limit = row.body["max_redemptions"]
        if limit is not None and row.body["times_redeemed"] >= limit:
            row.body["valid" if kind == "coupon" else "active"] = False
        tx.save(row)
