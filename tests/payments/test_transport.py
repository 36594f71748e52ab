from contextvars import ContextVar
from functools import partial

import pytest
import stripe

from sandboxes.transport import call
from shop.payments.stripe.transport import InProcessTransport


def transport(app):
    return InProcessTransport(partial(call, app))


class Echo:
    """Answers with what it understood; closes what it opened."""

    def __init__(self):
        self.is_closed = False
        self.environ = {}

    def __call__(self, environ, start_response):
        self.environ = environ
        self.body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start_response("207 Odd", [("Request-ID", "req_1"), ("X-Two", "2")])
        return self

    def __iter__(self):
        return iter([b"\xc3\xa9", b"-end"])

    def close(self):
        self.is_closed = True


def test_a_request_reaches_the_application_whole():
    app = Echo()
    transport(app).request(
        "post",
        "http://stripe.invalid:81/v1/things/a%2Fb%C3%A9?x=1&y[]=2",
        {"Content-Type": "application/x-www-form-urlencoded", "Stripe-Version": "v"},
        "a=é",
    )
    environ = app.environ
    assert environ["REQUEST_METHOD"] == "POST"
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/v1/things/a/bé"
    assert environ["QUERY_STRING"] == "x=1&y[]=2"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("stripe.invalid", "81")
    assert environ["CONTENT_TYPE"] == "application/x-www-form-urlencoded"
    assert environ["HTTP_STRIPE_VERSION"] == "v"
    assert app.body == "a=é".encode()


def test_the_answer_comes_back_whole_and_the_application_is_closed():
    app = Echo()
    body, status, headers = transport(app).request("get", "http://stripe.invalid/v1/x", None)
    assert (body, status) == ("é-end", 207)
    assert headers["request-id"] == headers["Request-Id"] == "req_1"
    assert "REQUEST-ID" in headers
    assert app.is_closed


@pytest.mark.parametrize("trouble", [ConnectionResetError, BrokenPipeError, TimeoutError])
def test_what_the_network_does_is_a_connection_error_worth_a_retry(trouble):
    def app(environ, start_response):
        raise trouble("played")

    with pytest.raises(stripe.APIConnectionError, match="played") as caught:
        transport(app).request("get", "http://stripe.invalid/v1/x", {})
    assert caught.value.should_retry


def test_an_answer_lost_on_the_way_is_a_connection_error():
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b'{"id":'
        raise ConnectionResetError

    with pytest.raises(stripe.APIConnectionError):
        transport(app).request("get", "http://stripe.invalid/v1/x", {})


def test_a_mistake_in_the_application_is_not_hidden():
    def app(environ, start_response):
        raise KeyError("typo")

    with pytest.raises(KeyError):
        transport(app).request("get", "http://stripe.invalid/v1/x", {})


def test_the_application_shares_no_context_with_the_caller():
    request = ContextVar("request")
    request.set("the shop's")

    def app(environ, start_response):
        start_response("200 OK", [])
        return [request.get("none").encode()]

    assert call(app, "GET", "http://shop.example/", {}).body == b"none"
