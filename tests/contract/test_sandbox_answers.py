"""Every answer of the sandbox, every event and every object is whole by the contract.

What is asserted here is little: the bench judges all that passes, at the end of each test.
"""

from collections.abc import Iterator
from contextlib import suppress

import pytest
import stripe

from sandboxes.stripe.cards import INSTRUMENTS
from shop.payments.errors import PaymentRefused
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.connection import make_client
from tests.contract.bench import KEY, Bench, serving
from tests.contract.operations_walk import walk


def operations(bench: Bench) -> set[tuple[str, str]]:
    """Return the operations that were asked for, as verb and path with {names}."""
    asked = [bench.witness.judge.route(one.verb, one.path) for one in bench.witness.exchanges]
    return {(route.verb, route.path) for route in asked if route}


def test_every_operation_in_the_process(bench):
    walk(bench.client, bench.sandbox)
    assert operations(bench) == {(one.verb, one.path) for one in bench.witness.judge.routes()}


@pytest.fixture
def socket_client(bench) -> Iterator[stripe.StripeClient]:
    """The library before the same sandbox, over a real socket."""
    with serving(bench) as address:
        client = make_client(GatewayConfig(secret_key=KEY, api_base=address))
        yield client
        client._requestor._client.close()


def test_every_operation_over_a_socket(bench, socket_client):
    walk(socket_client, bench.sandbox)
    assert operations(bench) == {(one.verb, one.path) for one in bench.witness.judge.routes()}


WAYS = [(name, True) for name in INSTRUMENTS] + [
    (name, False) for name, instrument in INSTRUMENTS.items() if instrument.challenge
]


@pytest.mark.parametrize(("instrument", "authenticate"), WAYS)
def test_every_way_a_payment_can_go(bench, instrument, authenticate):
    page = bench.open_page()
    bench.sandbox.pay(page.ref, instrument, authenticate=authenticate)
    bench.sandbox.advance(3600)
    state = bench.gateway.get_session(page.ref)
    if state.payment_intent:
        with suppress(PaymentRefused):  # unpaid or disputed: the refusal is judged as well
            bench.gateway.create_refund(payment_intent=state.payment_intent, amount=500, key="r1")
        bench.sandbox.advance(3600)
        bench.gateway.list_refunds(state.payment_intent)
        bench.gateway.list_disputes(state.payment_intent)
    assert bench.events() or not state.is_paid
    bench.client.v1.events.list({"limit": 100})
