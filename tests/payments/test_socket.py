"""The gateway over a real socket: what the network does is done by the network."""

import socket

import pytest

from shop.payments.errors import PaymentUnavailable
from shop.payments.gateway import SessionStatus
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.gateway import StripeGateway
from tests.contract.bench import KEY, serving

SESSIONS = "POST /v1/checkout/sessions$"


@pytest.fixture
def remote(bench):
    """A gateway that is on its own in the network; it gives up after two seconds."""
    with serving(bench) as address:
        gateway = StripeGateway(
            GatewayConfig(secret_key=KEY, api_base=address, read_timeout=2, pause_scale=0)
        )
        yield gateway
        gateway._stripe._ready()._requestor._client.close()


def test_a_page_is_made_and_paid(bench, remote):
    params = bench.params()
    page = remote.create_session(params, "attempt-1")
    bench.sandbox.pay(page.ref)
    assert remote.get_session(page.ref).is_paid
    assert remote.provider == "stripe"


@pytest.mark.parametrize(
    ("fault", "value"), [("drop_after", True), ("reset_connection", True), ("hang_s", 2.5)]
)
def test_a_lost_answer_is_made_good(bench, remote, fault, value):
    params = bench.params()
    bench.sandbox.fault(fault, value, times=1, route=SESSIONS)
    assert remote.create_session(params, "attempt-1").status is SessionStatus.OPEN
    assert len(bench.sandbox.objects("checkout.session")) == 1


def test_nobody_there():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(PaymentUnavailable) as caught:
            StripeGateway(GatewayConfig(secret_key=KEY, api_base=address)).check()
    assert caught.value.is_outcome_unknown
    assert caught.value.http_status is None


def test_proxies_of_the_environment_do_not_swallow_the_sandbox(bench, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving(bench) as address:
        gateway = StripeGateway(GatewayConfig(secret_key=KEY, api_base=address))
        assert gateway.check().provider == "stripe"
        gateway._stripe._ready()._requestor._client.close()
