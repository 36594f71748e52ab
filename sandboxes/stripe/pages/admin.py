"""The desk for developers: sessions, events and deliveries, faults, the clock."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandboxes.stripe import faults
from sandboxes.stripe.api.people import new_endpoint
from sandboxes.stripe.control import Sandbox, all_deliveries
from sandboxes.stripe.errors import ApiError
from sandboxes.stripe.pages.guard import check_csrf
from sandboxes.stripe.store import Tx

blueprint = Blueprint("admin", __name__, template_folder="../templates")

SHOWN = 50


@blueprint.before_request
def _only_our_forms() -> None:
    if request.method == "POST":
        check_csrf()


@blueprint.get("/")
@blueprint.get("/admin")
def home() -> str:
    """The newest sessions, the requests of late, the clock."""
    with _sandbox().store.read() as tx:
        return render_template(
            "sandbox/admin.html",
            now=moment(tx.time),
            moved=float(tx.setting("clock_offset", "0")),
            sessions=[row.body for row in tx.select("checkout.session", limit=SHOWN)],
            requests=_requests(tx),
        )


@blueprint.get("/admin/sessions/<session_id>")
def session(session_id: str) -> str:
    """One session with its payment, refunds and disputes, and what can be done to it."""
    with _sandbox().store.read() as tx:
        body = tx.get("checkout.session", session_id).body
        intent = tx.find("payment_intent", body["payment_intent"])
        charge = tx.find("charge", intent.body["latest_charge"]) if intent else None
        related = {
            kind: [row.body for row in tx.select(kind, "charge = ?", charge.id)] if charge else []
            for kind in ("refund", "dispute")
        }
        return render_template(
            "sandbox/admin_session.html",
            session=body,
            intent=intent.body if intent else None,
            charge=charge.body if charge else None,
            refunds=related["refund"],
            disputes=related["dispute"],
        )


@blueprint.post("/admin/sessions/<session_id>")
def act(session_id: str) -> Response | tuple[str, int]:
    """Do one of the things that happen to payments."""
    sandbox, reference = _sandbox(), request.form.get("ref", "")
    actions: dict[str, Any] = {
        "expire": lambda: sandbox.expire(session_id),
        "settle": lambda: sandbox.settle_async(session_id, ok=True),
        "settle_failed": lambda: sandbox.settle_async(session_id, ok=False),
        "refund": lambda: sandbox.refund(reference),
        "dispute": lambda: sandbox.dispute(reference),
        "fail_refund": lambda: sandbox.fail_refund(reference),
    }
    if request.form.get("action") in actions:
        actions[request.form["action"]]()
        sandbox.deliver_due()
    return redirect(url_for(".session", session_id=session_id), 303)


@blueprint.get("/admin/events")
def events() -> str:
    """The newest events and how their deliveries went."""
    with _sandbox().store.read() as tx:
        found = []
        for row in tx.select("event", limit=SHOWN):
            deliveries = all_deliveries(tx, row.id)
            found.append((row.body, deliveries))
        endpoints = [row.body for row in tx.select("webhook_endpoint", oldest_first=True)]
        return render_template("sandbox/admin_events.html", events=found, endpoints=endpoints)


@blueprint.get("/admin/events/<event_id>")
def event(event_id: str) -> str:
    """One event: payload and answers."""
    with _sandbox().store.read() as tx:
        body = tx.get("event", event_id).body
        deliveries = all_deliveries(tx, event_id)
    return render_template("sandbox/admin_event.html", event=body, deliveries=deliveries)


@blueprint.post("/admin/events/<event_id>/resend")
def resend(event_id: str) -> Response:
    """Send an event again, at once."""
    _sandbox().resend(event_id)
    _sandbox().deliver_due()
    return redirect(url_for(".event", event_id=event_id), 303)


@blueprint.post("/admin/endpoints")
def endpoint() -> Response:
    """A second receiver of all events."""
    sandbox = _sandbox()
    with sandbox.store.write() as tx:
        new_endpoint(
            sandbox.call(tx), {"url": request.form.get("url", ""), "enabled_events": ["*"]}
        )
    return redirect(url_for(".events"), 303)


@blueprint.post("/admin/clock")
def clock() -> Response:
    """Move the clock on by so many seconds, and deliver what becomes due."""
    seconds = request.form.get("seconds", "")
    if seconds.isascii() and seconds.isdigit() and len(seconds) < 9:
        _sandbox().advance(int(seconds))
    _sandbox().deliver_due()
    return redirect(url_for(".home"), 303)


@blueprint.get("/faults")
def trouble() -> str:
    """What goes wrong at present, and what could."""
    with _sandbox().store.read() as tx:
        armed = faults.armed(tx)
    groups = {
        "API": faults.API_FAULTS,
        "Webhooks": faults.WEBHOOK_FAULTS,
        "Payment page": faults.BEHAVIOUR_FAULTS,
    }
    return render_template("sandbox/faults.html", armed=armed, groups=groups)


@blueprint.post("/faults")
def arm() -> Response | tuple[str, int]:
    """Arm a fault, clear all, or let held events go."""
    sandbox, form = _sandbox(), request.form
    if "clear" in form:
        sandbox.clear_faults()
    elif "release" in form:
        sandbox.release()
        sandbox.deliver_due()
    elif form.get("name") in faults.NAMES:
        times = form.get("times", "")
        sandbox.fault(
            form["name"],
            form.get("value", "").strip() or True,
            times=int(times) if times.isascii() and times.isdigit() and len(times) < 7 else None,
            route=form.get("route", "").strip()[:200],
        )
    return redirect(url_for(".trouble"), 303)


@blueprint.errorhandler(ApiError)
@blueprint.errorhandler(ValueError)
def failed(error: ApiError | ValueError) -> tuple[str, int]:
    """What was asked cannot be done."""
    page = render_template("sandbox/error.html", title="That did not work", message=str(error))
    return page, error.status if isinstance(error, ApiError) else 400


@blueprint.app_template_filter("moment")
def moment(timestamp: float) -> str:
    """A time in UTC to read."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _sandbox() -> Sandbox:
    sandbox: Sandbox = current_app.extensions["sandbox"]
    return sandbox


def _requests(tx: Tx) -> list[dict[str, Any]]:
    names = ("request", "created", "method", "path", "status", "key", "note")
    # The names are those above.
    rows = tx.connection.execute(
        f"SELECT {', '.join(names)} FROM request_log ORDER BY id DESC LIMIT ?",  # noqa: S608
        (SHOWN,),
    )
    return [dict(zip(names, row, strict=True)) for row in rows]
