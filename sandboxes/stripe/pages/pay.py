"""The hosted payment page and the 3-D Secure challenge."""

from babel import Locale
from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandboxes.stripe import checkout, faults, sessions, tasks
from sandboxes.stripe.api.sessions import copy_expired
from sandboxes.stripe.cards import ACCOUNTS, CARDS
from sandboxes.stripe.contract import Json
from sandboxes.stripe.control import Sandbox
from sandboxes.stripe.errors import ApiError
from sandboxes.stripe.pages import form as forms
from sandboxes.stripe.pages.guard import check_csrf
from sandboxes.stripe.payments import Outcome
from sandboxes.stripe.store import Row

blueprint = Blueprint("pay", __name__, template_folder="../templates")

Answer = str | tuple[str, int] | Response


@blueprint.get("/c/pay/<session_id>")
def show(session_id: str) -> Answer:
    """The form while the session is open, else 410 with the way back."""
    row, stale = _load(session_id)
    if row.body["status"] != "open" and not stale:
        return _gone(row)
    return _page(row, forms.read(request.form, row.body))


@blueprint.post("/c/pay/<session_id>")
def submit(session_id: str) -> Answer:
    """Pay, or put a test instrument into the form."""
    check_csrf()
    row, stale = _load(session_id)
    filled = forms.read(request.form, row.body)
    if stale and row.body["status"] != "open":
        filled.errors["number"] = "Something went wrong. Please try again."
        return _page(row, filled), 400
    if "fill" in request.form and row.body["status"] == "open":
        return _page(row, filled)
    if row.body["status"] == "open" and forms.check(filled, row.body).errors:
        return _page(row, filled), 422
    return _answer(*_pay(session_id, filled), filled)


@blueprint.post("/c/pay/<session_id>/update")
def update(session_id: str) -> Answer:
    """Choose a shipping option or enter a promotion code."""
    check_csrf()
    filled = forms.PayForm({})
    with _sandbox().store.write() as tx:
        row = tx.get(sessions.KIND, session_id)
        if row.body["status"] != "open":
            return _gone(row)
        filled = forms.read(request.form, row.body)
        try:
            if "shipping_rate" in request.form:
                checkout.choose_shipping(row, request.form["shipping_rate"])
            else:
                checkout.apply_code(_sandbox().call(tx), row, request.form["promotion_code"])
        except ApiError as error:
            filled.errors["promotion_code"] = str(error)
        else:
            tx.save(row)
            return redirect(url_for(".show", session_id=session_id), 303)
    return _page(row, filled), 422


@blueprint.get("/c/pay/<session_id>/challenge")
def challenge(session_id: str) -> Answer:
    """The bank asks: was it you?"""
    row, _ = _load(session_id)
    if row.body["status"] != "open":
        return _gone(row)
    with _sandbox().store.read() as tx:
        if not checkout.has_challenge(_sandbox().call(tx), row):
            return redirect(url_for(".show", session_id=session_id), 303)
    g.form_targets = {row.extra["shop_origin"]}
    return render_template("sandbox/challenge.html", session=row.body)


@blueprint.post("/c/pay/<session_id>/challenge")
def answer_challenge(session_id: str) -> Answer:
    """Complete or fail it."""
    check_csrf()
    sandbox = _sandbox()
    with sandbox.store.write() as tx:
        call = sandbox.call(tx)
        tasks.run_due(call, lazily=True)
        row, outcome = tx.get(sessions.KIND, session_id), None
        if row.body["status"] == "open" and checkout.has_challenge(call, row):
            success = request.form.get("result") == "ok"
            outcome = checkout.finish_challenge(call, row, success=success)
    sandbox.follow_up(call.emitted, row)
    return _answer(row, outcome, forms.read(request.form, row.body))


@blueprint.get("/r/<session_id>")
def recover(session_id: str) -> Response:
    """The recovery link of an expired session: a fresh one with the same contents."""
    sandbox = _sandbox()
    with sandbox.store.write() as tx:
        row = tx.get(sessions.KIND, session_id)
        recovery = (row.body["after_expiration"] or {}).get("recovery") or {}
        if not recovery.get("url") or recovery["expires_at"] < tx.now:
            abort(410, "This link is no longer valid.")
        fresh = copy_expired(sandbox.call(tx), row)
    return redirect(url_for(".show", session_id=fresh.id), 303)


@blueprint.errorhandler(ApiError)
def unknown(error: ApiError) -> tuple[str, int]:
    """A session that does not exist."""
    page = render_template(
        "sandbox/error.html", title="Not found", message="There is no such payment page."
    )
    return page, error.status


def _sandbox() -> Sandbox:
    sandbox: Sandbox = current_app.extensions["sandbox"]
    return sandbox


def _load(session_id: str) -> tuple[Row, bool]:
    """The session as time has made it, and whether its page pretends to be open."""
    sandbox = _sandbox()
    with sandbox.store.read() as tx:
        row = tx.get(sessions.KIND, session_id)
        due = tasks.is_due(tx, lazily=True)
        stale = faults.is_armed(tx, {"stale_page": ""})
    if due:
        with sandbox.store.write() as tx:
            tasks.run_due(sandbox.call(tx), lazily=True)
            row = tx.get(sessions.KIND, session_id)
    return row, stale


def _pay(session_id: str, filled: forms.PayForm) -> tuple[Row, Outcome | None]:
    """One payment per session: who comes second finds it closed."""
    sandbox = _sandbox()
    with sandbox.store.write() as tx:
        call = sandbox.call(tx)
        tasks.run_due(call, lazily=True)
        row, outcome = tx.get(sessions.KIND, session_id), None
        if row.body["status"] == "open":
            url = url_for(".challenge", session_id=session_id, _external=True)
            payment = filled.payment(row.body)
            outcome = checkout.pay(call, row, payment, challenge_url=url)
    sandbox.follow_up(call.emitted, row)
    return row, outcome


def _answer(row: Row, outcome: Outcome | None, filled: forms.PayForm) -> Answer:
    if row.body["status"] == "complete":
        g.form_targets = {row.extra["shop_origin"]}
        url = row.body["success_url"].replace("{CHECKOUT_SESSION_ID}", row.id)
        return redirect(url, 303)
    if row.body["status"] == "expired":
        return _gone(row)
    if outcome is None or outcome.state == "requires_action":
        return redirect(url_for(".challenge", session_id=row.id), 303)
    field = "iban" if filled.values["method"] == "sepa_debit" else "number"
    fields = {"incorrect_cvc": "cvc", "expired_card": "exp"}
    filled.errors[fields.get(outcome.code, field)] = outcome.message
    return _page(row, filled), 402


def _page(row: Row, filled: forms.PayForm) -> str:
    g.form_targets = {row.extra["shop_origin"]}
    values = filled.shown()
    values["email"] = values.get("email") or (row.body["customer_details"] or {}).get("email") or ""
    return render_template(
        "sandbox/pay.html",
        session=row.body,
        lines=row.extra["items"],
        shipping=row.extra["shipping"],
        chosen=(row.body["shipping_cost"] or {}).get("shipping_rate"),
        discount=row.extra["discount"],
        email=row.body["customer_email"] or row.extra["customer_email"],
        values=values,
        errors=filled.errors,
        cards=CARDS,
        accounts=ACCOUNTS,
        countries=_countries(row.body),
        grouped=forms.grouped,
    )


def _countries(session: Json) -> list[tuple[str, str]]:
    collection = session["shipping_address_collection"]
    names = Locale("en").territories
    codes = collection["allowed_countries"] if collection else []
    return sorted(((code, names.get(code, code)) for code in codes), key=lambda pair: pair[1])


def _gone(row: Row) -> tuple[str, int]:
    page = render_template("sandbox/gone.html", session=row.body, shop_url=_way_back(row))
    return page, 410


def _way_back(row: Row) -> str:
    return str(row.body["cancel_url"] or row.extra["shop_origin"])
