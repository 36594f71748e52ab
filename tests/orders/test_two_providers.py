"""Another provider takes new money: what the former one took stays in its hands."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from sandboxes.stripe import Sandbox, SandboxApp, SandboxConfig
from sandboxes.transport import call
from shop.core import clock
from shop.core.db import db
from shop.models import (
    AttemptState,
    PaymentStatus,
    Provider,
    ProviderState,
    Refund,
    RefundState,
)
from shop.orders.payment.outcome import Outcome
from shop.orders.services import (
    expire_attempt,
    fulfil,
    reconcile,
    record_refund,
    refund_order,
    send_refund,
)
from shop.payments.current import current_provider, gateway
from shop.payments.errors import PaymentUnavailable, ProviderNotConfigured
from shop.payments.gateway import RefundStatus
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.gateway import StripeGateway
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit

KEYS = ("sk_test_sandboxother0123456789", "whsec_sandboxother0123456789")


@pytest.fixture
def other(ctx: Flask, tmp_path: Path) -> Sandbox:
    """Another provider, not yet configured; see `take_over`."""
    kit.open_shop()
    settings = SandboxConfig(
        database=tmp_path / "other.sqlite3", secret_key=KEYS[0], webhook_secret=KEYS[1],
        shop_name=lambda: "Maison Flux", shop_url=ctx.extensions["shop_config"].site_url,
        time_source=lambda: clock.now().timestamp(),
    )  # fmt: skip
    app = SandboxApp(settings, lambda _url, _body, _headers: (200, b""))
    ctx.extensions["other"] = app
    return app.sandbox


def take_over(app: Flask, monkeypatch: pytest.MonkeyPatch, *, is_alone: bool = False) -> None:
    """Let the other provider take the money of new attempts, beside the former one or alone."""
    there = StripeGateway(
        GatewayConfig(
            secret_key=KEYS[0],
            provider="stripe",
            webhook_secret=KEYS[1],
            in_process=partial(call, app.extensions["other"]),
            pause_scale=0,
        )
    )
    former = {} if is_alone else app.extensions["payments"]
    monkeypatch.setitem(app.extensions, "payments", {"stripe": there, **former})


def test_new_money_goes_to_the_first_and_old_pages_are_paid_where_they_are(
    ctx: Flask, other: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, ref = kit.to_payment(kit.fill_cart(make_product()))
    take_over(ctx, monkeypatch)
    assert current_provider() == "stripe"
    second, new_ref = kit.to_payment(kit.fill_cart(make_product()))
    assert kit.newest_attempt(second.id).provider is Provider.STRIPE
    assert len(other.objects("checkout.session")) == 1
    kit.pay(ref, deliver=False)
    other.pay(new_ref, deliver=False)
    assert fulfil(Provider.SANDBOX, ref) is Outcome.PAID
    assert fulfil(Provider.STRIPE, new_ref) is Outcome.PAID
    paid_by = [kit.payments(order.id)[0].provider for order in (first, second)]
    assert paid_by == [Provider.SANDBOX, Provider.STRIPE]


@both_engines
def test_two_may_call_their_payments_the_same(
    ctx: Flask, other: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref, deliver=False)
    assert fulfil(Provider.SANDBOX, ref) is Outcome.PAID
    take_over(ctx, monkeypatch)
    second, new_ref = kit.to_payment(kit.fill_cart(make_product()))
    other.pay(new_ref, deliver=False)
    intent = kit.payments(first.id)[0].payment_intent
    other.tamper("checkout.session", new_ref, payment_intent=intent)
    assert fulfil(Provider.STRIPE, new_ref) is Outcome.PAID
    assert [payment.payment_intent for payment in kit.payments(second.id)] == [intent]


def test_both_are_reconciled(ctx: Flask, other: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    first, ref = kit.to_payment(kit.fill_cart(make_product()))
    take_over(ctx, monkeypatch)
    second, new_ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref, deliver=False)
    other.pay(new_ref, deliver=False)
    clock.move(180)
    assert reconcile().fulfilled == 2
    states = [kit.order(order.id).payment_status for order in (first, second)]
    assert states == [PaymentStatus.PAID, PaymentStatus.PAID]


@both_engines
def test_one_that_is_away_keeps_no_other_waiting_nor_holds_its_mark(
    ctx: Flask, other: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four pages of the one that is away stand before the one of who is there."""
    kit.lift_limits()
    first, ref = kit.to_payment(kit.fill_cart(make_product()))
    clock.move(-60)
    take_over(ctx, monkeypatch)
    for _ in range(4):
        kit.to_payment(kit.fill_cart(make_product()))
    clock.move(240)
    kit.pay(ref, deliver=False)
    other.fault("fail", 500)
    with pytest.raises(PaymentUnavailable):
        reconcile()
    assert kit.order(first.id).payment_status is PaymentStatus.PAID
    marks = select(ProviderState.provider).order_by(ProviderState.provider)
    assert db.session.scalars(marks).all() == [Provider.MANUAL, Provider.SANDBOX]
    db.session.rollback()
    other.clear_faults()
    reconcile()
    assert Provider.STRIPE in db.session.scalars(marks).all()


def test_money_goes_back_through_whom_it_came(
    ctx: Flask, other: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref)
    take_over(ctx, monkeypatch)
    refund = refund_order(order.id, 100, form_token="once")
    assert send_refund(refund.id) is RefundState.SUCCEEDED
    assert other.objects("refund") == []
    assert len(kit.sandbox_of(ctx).objects("refund")) == 1


def test_an_old_page_is_ended_where_it_is(
    ctx: Flask, other: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, _ = kit.to_payment(kit.fill_cart(make_product()))
    take_over(ctx, monkeypatch)
    assert expire_attempt(kit.newest_attempt(order.id).id) is Outcome.DEAD
    assert kit.sandbox_of(ctx).objects("checkout.session")[0]["status"] == "expired"


@both_engines
def test_without_its_provider_a_refund_waits_and_play_money_is_void(
    ctx: Flask, other: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref)
    unpaid, _ = kit.to_payment(kit.fill_cart(make_product()))
    refund_id = refund_order(order.id, 100, form_token="once").id
    with monkeypatch.context() as alone:
        take_over(ctx, alone, is_alone=True)
        with pytest.raises(ProviderNotConfigured):
            send_refund(refund_id)
        clock.move(7200)
        assert reconcile().failed == 0
        assert kit.newest_attempt(unpaid.id).state is AttemptState.EXPIRED
        assert db.session.get_one(Refund, refund_id).state is RefundState.PENDING
    db.session.rollback()
    assert send_refund(refund_id) is RefundState.SUCCEEDED


@both_engines
def test_a_sender_writes_in_its_own_rows_alone(
    ctx: Flask, other: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another provider that names our key for a refund does not decide what became of it."""
    order, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref)
    refund_id = refund_order(order.id, 100, form_token="once").id
    send_refund(refund_id)
    take_over(ctx, monkeypatch)
    theirs = replace(
        gateway("sandbox").list_refunds(kit.payments(order.id)[0].payment_intent or "")[0],
        ref="re_of_another",
        status=RefundStatus.FAILED,
    )
    assert record_refund(Provider.STRIPE, theirs) is None
    db.session.rollback()
    assert db.session.get_one(Refund, refund_id).state is RefundState.SUCCEEDED


def test_the_policy_lets_forms_lead_to_the_providers_that_are_configured(
    make_app: Callable[..., Flask],
) -> None:
    with_key = make_app(STRIPE_SECRET_KEY="sk_test_x", SANDBOX_CONTROL="")
    for app, targets in ((make_app(), ""), (with_key, " https://checkout.stripe.com")):
        policy = app.test_client().get("/healthz").headers["Content-Security-Policy"]
        assert policy.endswith(f"form-action 'self'{targets}")
