"""A server that answers what it is told: for answers that neither Stripe nor the sandbox gives
on request. Everything else is tested against the sandbox."""

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from sandboxes.transport import call
from shop.payments.gateway import PaymentGateway
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.gateway import StripeGateway

KEY = "sk_test_canned"
SECRET = "whsec_canned"


@dataclass(frozen=True)
class Answer:
    """What one request gets. `body` is sent as JSON unless it is text."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Canned:
    """A WSGI application with one answer per request, the last one for all that follow.

    An exception instead of an answer is what the network does.
    """

    answers: list[Answer | Exception]
    requests: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read().decode()
        self.requests.append(
            {
                "method": environ["REQUEST_METHOD"],
                "path": environ["PATH_INFO"],
                "query": parse_qs(environ["QUERY_STRING"]),
                "body": parse_qs(body, keep_blank_values=True),
                "key": environ.get("HTTP_IDEMPOTENCY_KEY"),
                "headers": {k: v for k, v in environ.items() if k.startswith("HTTP_")},
            }
        )
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        headers = {"Content-Type": "application/json", "Request-Id": "req_canned", **answer.headers}
        start_response(f"{answer.status} Told", list(headers.items()))
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        return [text.encode()]


def canned(*answers: Any) -> tuple[PaymentGateway, Canned]:
    """Return a gateway and the server behind it; plain dictionaries are answers with status 200."""
    told = [a if isinstance(a, (Answer, Exception)) else Answer(a) for a in answers]
    app = Canned(told)
    config = GatewayConfig(
        secret_key=KEY, webhook_secret=SECRET, in_process=partial(call, app), pause_scale=0
    )
    return StripeGateway(config), app


def refusal(status: int, **error: Any) -> Answer:
    """Return an error as Stripe tells it."""
    headers = error.pop("headers", {})
    return Answer({"error": {"type": "invalid_request_error", **error}}, status, headers)


def page(*items: dict[str, Any], has_more: bool = False) -> dict[str, Any]:
    """Return a page of a list."""
    return {"object": "list", "url": "/v1/things", "has_more": has_more, "data": list(items)}
