"""What the benchmark must do inside the shop's own process: counting statements, paying pages.

`python -m bench.inside statements '{"home": ["/", "/", "sid=…"], …}'` prints name → statements;
`python -m bench.inside paid_events N` pays N open pages and prints their signed events.
`python -m bench.inside costs '{"all": "/admin/orders?view=all", …}'` prints name → ms.
"""

import json
import statistics
import sys
import time
from typing import Any, Final

import stripe
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shop import create_app
from shop.auth.sessions import open_session
from shop.core.db import db, transaction
from shop.models import Role, User
from tests.sql import counted

ROUNDS: Final = 7


def statements(app: Flask, asked: str) -> dict[str, int]:
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


def costs(app: Flask, asked: str) -> dict[str, tuple[float, float]]:
    """Measure pages of staff, given name → path: ms of this process and of the clock, medians."""
    with app.app_context(), transaction():
        owner = select(User.id).join(Role, Role.id == User.role_id).where(Role.is_owner)
        token = open_session(db.session.scalars(owner.limit(1)).one(), "bench")
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["sid"] = token
    found = {}
    for name, path in json.loads(asked).items():
        client.get(path)
        times = [_timed(client, path) for _ in range(ROUNDS)]
        cpu, clock = (statistics.median(each) for each in zip(*times, strict=True))
        found[name] = (round(cpu, 1), round(clock, 1))
    return found


def _timed(client: FlaskClient, path: str) -> tuple[float, float]:
    cpu, clock = time.process_time(), time.perf_counter()
    status = client.get(path).status_code
    if status != 200:
        raise RuntimeError(f"{path} is answered with {status}")
    return (time.process_time() - cpu) * 1000, (time.perf_counter() - clock) * 1000


def sandbox_of(app: Flask) -> Any:
    """Return the sandbox that plays Stripe for `app`, a shop of this build or of an older one."""
    mounted = app.extensions["sandbox"]
    return mounted.extensions["sandbox"] if isinstance(mounted, Flask) else mounted.sandbox


def paid_events(app: Flask, number: str) -> list[tuple[str, str]]:
    """Pay open pages without a word to the shop; return each event with its signature."""
    sandbox = sandbox_of(app)
    pages = [s["id"] for s in sandbox.objects("checkout.session") if s["status"] == "open"]
    paid = set(pages[: int(number)])
    for page in paid:
        sandbox.pay(page, deliver=False)
    letters = []
    for event in sandbox.objects("event"):
        is_paid = event["type"] == "checkout.session.completed"
        if is_paid and event["data"]["object"]["id"] in paid:
            body = json.dumps(event)
            sign = stripe.WebhookSignature.generate_signature_header
            letters.append((body, sign(body, sandbox.config.webhook_secret, int(time.time()))))
    return letters


if __name__ == "__main__":
    call = {"statements": statements, "paid_events": paid_events, "costs": costs}[sys.argv[1]]
    print(json.dumps(call(create_app(), sys.argv[2])))
