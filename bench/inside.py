"""What the benchmark must do inside the shop's own process: counting statements, paying pages.

`python -m bench.inside statements '{"home": ["/", "/", "sid=…"], …}'` prints name → statements;
`python -m bench.inside paid_events N` pays N open pages and prints their signed events.
"""

import json
import sys
import time

import stripe

from shop import create_app
from tests.sql import counted

app = create_app()
sandbox = app.extensions["sandbox"].extensions["sandbox"]


def statements(asked: str) -> dict[str, int]:
    """Count what a page costs, given name → [page that warms the process, page, cookie]."""
    found = {}
    for name, (first, path, cookie) in json.loads(asked).items():
        client = app.test_client(use_cookies=False)
        headers = {"Cookie": cookie} if cookie else {}
        client.get(first, headers=headers)
        with counted(app) as made:
            client.get(path, headers=headers)
        found[name] = len(made)
    return found


def paid_events(number: str) -> list[tuple[str, str]]:
    """Pay open pages without a word to the shop; return each event with its signature."""
    pages = [s for s in sandbox.objects("checkout.session") if s["status"] == "open"]
    for page in pages[: int(number)]:
        sandbox.pay(page["id"], deliver=False)
    letters = []
    for event in sandbox.objects("event"):
        if event["type"] == "checkout.session.completed":
            body = json.dumps(event)
            sign = stripe.WebhookSignature.generate_signature_header
            letters.append((body, sign(body, sandbox.config.webhook_secret, int(time.time()))))
    return letters


if __name__ == "__main__":
    call = {"statements": statements, "paid_events": paid_events}[sys.argv[1]]
    print(json.dumps(call(sys.argv[2])))
