"""How the client is made: lazily, per process, bounded, silent."""

import os
import subprocess
import sys
from functools import partial

import pytest
import stripe

from sandboxes.transport import READ_TIMEOUT, call
from shop.admin.orders.payments import provider_url
from shop.core.config import Config
from shop.models import Payment, Provider
from shop.payments.provider import MountedSandbox, ProviderContext
from shop.payments.registry import PROVIDERS
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.connection import Connection, make_client
from shop.payments.stripe.transport import InProcessTransport


def make_config(**changes):
    return GatewayConfig(**{"secret_key": "sk_test_x", "webhook_secret": "whsec_x", **changes})


def options_of(client):
    return client._requestor._options


def test_to_stripe_with_short_waits_and_two_retries():
    client = make_client(make_config())
    assert isinstance(client._requestor._client, stripe.RequestsClient)
    timeout = client._requestor._client._timeout
    assert (timeout.connect_timeout, timeout.read_timeout) == (3, 8)
    assert options_of(client).max_network_retries == 2
    assert options_of(client).base_addresses["api"] == "https://api.stripe.com"
    assert stripe.enable_telemetry is False


def test_a_stand_in_gets_all_four_addresses_and_no_proxy():
    client = make_client(make_config(api_base="http://127.0.0.1:12111/"))
    assert set(options_of(client).base_addresses.values()) == {"http://127.0.0.1:12111"}
    assert client._requestor._client._session.trust_env is False


def test_in_the_process_nothing_can_leave_for_stripe():
    client = make_client(make_config(in_process=print))
    assert isinstance(client._requestor._client, InProcessTransport)
    assert set(options_of(client).base_addresses.values()) == {"http://stripe.invalid"}


def test_no_telemetry_and_the_pinned_version_are_sent():
    seen = []

    def app(environ, start_response):
        seen.append(environ)
        start_response("200 OK", [("content-type", "application/json")])
        return [b'{"object": "balance", "livemode": false, "available": []}']

    connection = Connection(make_config(in_process=partial(call, app)))
    connection.call("balance", lambda c: c.v1.balance.retrieve(), dict)
    connection.call("balance", lambda c: c.v1.balance.retrieve(), dict)
    assert all("HTTP_X_STRIPE_CLIENT_TELEMETRY" not in environ for environ in seen)
    assert "telemetry_id" not in seen[0]["HTTP_X_STRIPE_CLIENT_USER_AGENT"]
    assert seen[0]["HTTP_STRIPE_VERSION"] == stripe.api_version
    assert seen[0]["HTTP_AUTHORIZATION"] == "Bearer sk_test_x"
    assert seen[0][READ_TIMEOUT] == 8


def test_one_client_per_process():
    connection = Connection(make_config())
    client = connection._ready()
    assert connection._ready() is client
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, b"new" if connection._ready() is not client else b"old")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 3) == b"new"


def test_the_library_is_loaded_at_the_first_call_only():
    code = (
        "import sys; from shop.payments.stripe.gateway import StripeGateway;"
        "from shop.payments.stripe.config import GatewayConfig;"
        "from shop.payments.stripe.params import session_params;"
        "StripeGateway(GatewayConfig(secret_key='sk_test_x'));"
        "sys.exit('stripe' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("key", "livemode"),
    [
        ("sk_test_x", False),
        (" rk_test_x ", False),
        ("sk_live_x", True),
        (" rk_live_x", True),
        ("sk_test_sandboxab12", False),
    ],
)
def test_the_key_says_whether_money_moves(key, livemode):
    assert make_config(secret_key=key).livemode == livemode


def test_rows_carry_the_name_of_who_is_configured():
    mounted = {"stripe": MountedSandbox(print, "sk_test_sandboxab12", "whsec_sandboxab12")}
    with_key = Config(stripe_secret_key="sk_test_x")
    around = {
        "": ProviderContext(Config(), {}, str),
        "stripe": ProviderContext(with_key, {}, str),
        "sandbox": ProviderContext(Config(), mounted, str),
    }
    for name, found in around.items():
        connected = (PROVIDERS[each].connect(found) for each in ("stripe", "sandbox"))
        assert [there.provider for there in connected if there] == [name][: bool(name)]


@pytest.mark.parametrize(
    "changes",
    [
        {"secret_key": "sk_live_x", "api_base": "https://stripe.example"},
        {"secret_key": " rk_live_x", "in_process": print},
        {"api_base": "http://stripe.example"},
        {"api_base": "ftp://127.0.0.1"},
        {"api_base": "127.0.0.1:12111"},
        {"api_base": "http://127.0.0.1.example.com"},
        {"api_base": "http://localhost@example.com"},
    ],
)
def test_keys_do_not_go_where_they_must_not(changes):
    with pytest.raises(ValueError, match=r"key|base"):
        make_config(**changes)


def test_secrets_are_not_printed():
    text = repr(make_config(secret_key="sk_test_hidden", webhook_secret="whsec_hidden"))
    assert "hidden" not in text


def test_staff_find_a_payment_where_its_provider_shows_it():
    shown = [
        provider_url(Payment(provider=name, payment_intent="pi_1", livemode=livemode))
        for name, livemode in (
            (Provider.STRIPE, True),
            (Provider.STRIPE, False),
            (Provider.SANDBOX, False),
            (Provider.FREE, False),
        )
    ]
    there = "https://dashboard.stripe.com/"
    assert shown == [f"{there}payments/pi_1", f"{there}test/payments/pi_1", "", ""]
