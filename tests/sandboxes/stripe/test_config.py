"""Keys, refusals, and the sandbox on a socket."""

import gzip
import multiprocessing
import queue
import socket
import stat
import threading
import time
from pathlib import Path

import pytest
import requests
import stripe
from werkzeug.serving import make_server

from sandboxes.stripe import (
    SandboxConfig,
    UnsafeSandbox,
    contract,
    load_or_create_keys,
    webhooks,
)
from sandboxes.stripe.server import serve
from tests.sandboxes.stripe.kit import KEY, SECRET, World, config, session_params
from tools.sandbox_contract import packed_text


def test_keys_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first = load_or_create_keys(tmp_path / "instance")

    assert load_or_create_keys(tmp_path / "instance") == first
    assert first[0].startswith("sk_test_sandbox")
    assert first[1].startswith("whsec_sandbox")
    [file] = (tmp_path / "instance").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def read_keys(folder: str, barrier, answers) -> None:
    barrier.wait()
    answers.put(load_or_create_keys(Path(folder)))


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    barrier, answers = context.Barrier(4), context.Queue()
    children = [
        context.Process(target=read_keys, args=(str(tmp_path), barrier, answers)) for _ in range(4)
    ]
    for child in children:
        child.start()
    keys = {answers.get(timeout=30) for _ in children}
    for child in children:
        child.join()

    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["sandbox-keys.json"]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "shop.example"])
def test_it_listens_on_this_machine_only(host: str) -> None:
    with pytest.raises(UnsafeSandbox, match="--anywhere"):
        serve(settings(), host)


def test_alone_it_must_be_told_where_the_shop_is() -> None:
    with pytest.raises(UnsafeSandbox, match="SITE_URL"):
        serve(settings(), "127.0.0.1")


def test_the_shipped_contract_is_that_of_the_installed_library() -> None:
    assert gzip.decompress(contract.PATH.read_bytes()) == packed_text()
    assert contract.load().api_version == stripe.api_version


def test_a_dropped_connection_over_a_socket(world: World) -> None:
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    session = requests.Session()
    session.trust_env = False
    http = stripe.RequestsClient(timeout=5, session=session)
    client = stripe.StripeClient(KEY, http_client=http, base_addresses={"api": base})
    world.sandbox.fault("drop_after", times=1)

    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.create(session_params())
    session_count = len(client.v1.checkout.sessions.list({}).data)

    assert session_count == 1
    server.shutdown()
    thread.join()
    server.server_close()
    session.close()


def test_alone_it_answers_and_delivers(tmp_path: Path) -> None:
    heard: queue.Queue[tuple[bytes, str]] = queue.Queue()

    def shop(environ, start_response):
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        heard.put((body, environ["HTTP_STRIPE_SIGNATURE"]))
        start_response("200 OK", [])
        return []

    server = make_server("127.0.0.1", 0, shop, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    shop_url = f"http://127.0.0.1:{server.server_port}"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    child = multiprocessing.get_context("spawn").Process(
        target=serve,
        args=(config(str(tmp_path / "s.sqlite3"), shop_url=shop_url, time_source=time.time),),
        kwargs={"port": port},
    )
    child.start()
    try:
        with requests.Session() as session:
            session.trust_env = False
            client = stripe.StripeClient(
                KEY,
                http_client=stripe.RequestsClient(timeout=5, session=session),
                base_addresses={"api": f"http://127.0.0.1:{port}"},
                max_network_retries=20,
            )
            params = session_params(success_url=f"{shop_url}/done", cancel_url=f"{shop_url}/cart")
            made = client.v1.checkout.sessions.create(params)
            assert made.url == f"http://127.0.0.1:{port}/c/pay/{made.id}"
            client.v1.checkout.sessions.expire(made.id)
            body, header = heard.get(timeout=30)
        event = stripe.StripeClient(KEY).construct_event(body, header, SECRET)
        assert event.type == "checkout.session.expired"
    finally:
        child.terminate()
        child.join()
        server.shutdown()
        thread.join()
        server.server_close()


def test_events_go_over_the_network_past_proxies(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"

    missing = webhooks.post(f"{base}/nowhere", b"{}", {"Stripe-Signature": "t=1,v1=0"})
    moved = webhooks.post(f"{base}/c/pay/x/", b"{}", {})

    assert (missing[0], moved[0]) == (404, 404)
    server.shutdown()
    thread.join()
    server.server_close()


def settings() -> SandboxConfig:
    return SandboxConfig(":memory:", KEY, SECRET, "Maison Test")
