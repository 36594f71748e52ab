"""Log lines: one a record, with the request's id, and nothing in them that must stay secret."""

import json
import logging
import time

import pytest
from flask import Flask

from shop.core.origin import begin_request, end_request
from shop.jobs import drain
from shop.web.log_lines import JsonLines, PlainLines, without_secrets
from shop.web.logs import ShopHandler
from tests.factories import make_product
from tests.orders import kit


def line(message: str, *args: object, error: BaseException | None = None, **extra: object) -> str:
    record = logging.LogRecord("shop.test", logging.WARNING, __file__, 1, message, args, None)
    if error is not None:
        record.exc_info = (type(error), error, error.__traceback__)
    record.__dict__.update(extra)
    return JsonLines().format(record)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("key sk_live_51AbCdEfGhIjKlMnOp refused", "EfGhIjKlMnOp"),
        ("rk_test_abcdefghijklmnop", "efghijklmnop"),
        ("secret whsec_abcdef0123456789 wrong", "abcdef0123456789"),
        ("Authorization: Bearer abc.def.ghi-jkl", "abc.def.ghi"),
        ("postgresql+psycopg://shop:hunter22@db/shop", "hunter22"),
        ("smtp://mailer:p4ssw0rd@mail.example:587", "p4ssw0rd"),
        ("Cookie: session=abcdefgh; theme=dark", "abcdefgh"),
        ("GET /password/reset/Zm9vYmFyYmF6cXV4 404", "Zm9vYmFyYmF6cXV4"),
        ("https://shop.example/o/q7Jk2nVx0PbT?x=1", "q7Jk2nVx0PbT"),
        ("{'password': 'correct horse', 'email': 'a@b.example'}", "correct"),
        ("token=abcdef123456&next=/", "abcdef123456"),
        ("mail to jane.doe@example.com failed", "jane.doe@"),
    ],
)
def test_secrets_are_taken_out(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in without_secrets(text)
    assert secret not in line("it was %s", text)
    assert secret not in line("it was", what=text)
    assert secret not in line("it was", error=RuntimeError(text))


def test_what_an_operator_needs_stays() -> None:
    text = "order MF-4K7Q2 paid by evt_1SandboxAbcd of cs_test_a1b2 on /products/neroli?page=2"
    assert without_secrets(text) == text


def test_fields_named_like_secrets_are_taken_out() -> None:
    found = json.loads(
        line("x", password="a", csrf_token="b", Cookie="c", payload={"d": 1}, path="/p")
    )
    assert [found[name] for name in ("password", "csrf_token", "Cookie", "payload")] == [
        "[removed]"
    ] * 4
    assert found["path"] == "/p"


@pytest.mark.parametrize("formatter", [JsonLines(), PlainLines()])
def test_a_value_cannot_forge_a_second_line(formatter: logging.Formatter) -> None:
    record = logging.makeLogRecord({"msg": "path %s", "args": ("a\nlevel=info forged\r\nb",)})
    record.__dict__["path"] = "x\ny"
    assert len(formatter.format(record).splitlines()) == 1


def test_a_line_carries_the_request_and_the_extras() -> None:
    begin_request("abc12345")
    found = json.loads(line("paid", order="MF-1", amount=14800, ok=True))
    end_request()
    assert found["request_id"] == "abc12345"
    assert (found["level"], found["logger"], found["message"]) == ("warning", "shop.test", "paid")
    assert (found["order"], found["amount"], found["ok"]) == ("MF-1", 14800, True)
    assert found["time"].endswith("+00:00")


def test_what_a_caller_adds_cannot_break_a_line() -> None:
    found = json.loads(line("x", level=5, time="noon", stack_info="token=abcdef123456 at y"))
    assert (found["level"], found["stack_info"]) == ("5", "token=[removed] at y")
    record = logging.makeLogRecord({"msg": {"password": "a", "path": "/p", 1: 2}})
    assert json.loads(JsonLines().format(record))["password"] == "[removed]"
    assert "password=[removed] path=/p 1=2" in PlainLines().format(record)


@pytest.mark.parametrize(("is_json", "starts"), [(True, '{"time"'), (False, "00:00:00.000 info")])
def test_production_writes_json_and_others_lines(*, is_json: bool, starts: str) -> None:
    handler = ShopHandler()
    handler.is_json = is_json
    record = logging.makeLogRecord({"msg": "x", "levelname": "INFO", "created": 0.0})
    assert handler.format(record).startswith(starts)


def test_a_traceback_stays_readable_in_one_field() -> None:
    try:
        int("x")
    except ValueError as error:
        found = json.loads(line("failed", error=error))
    assert "invalid literal" in found["error"]
    assert "Traceback" in found["error"]


@pytest.mark.parametrize(
    "text",
    ["a" * 10**6, "@" * 10**6, "a.b" * 400_000 + "@", "x:" * 400_000 + "/", "://" * 400_000],
)
def test_hostile_text_is_handled_in_time_and_cut(text: str) -> None:
    """A time that grew with the square of the length would be hours."""
    began = time.process_time()
    assert len(without_secrets(text)) <= 4000
    assert time.process_time() - began < 60


def test_a_day_of_selling_leaves_no_secret_in_the_logs(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sign in, forget a password, buy, fail, be attacked; then read every line."""
    client = app.test_client()
    secrets = ["correct horse battery", "camille@example.org", "14 rue des Capucins"]
    with app.app_context():
        kit.open_shop()
        order, ref = kit.to_payment(kit.fill_cart(make_product(stock=5)))
        kit.pay(ref)
        drain()
        keys = app.extensions["sandbox"].sandbox.config
        secrets += [order.access_token, keys.secret_key, keys.webhook_secret]
    for password in ("correct horse battery", "wrong correct horse battery"):
        client.submit("/login", {"email": "camille@example.org", "password": password})
    client.submit("/password/forgot", {"email": "camille@example.org"})
    secrets += [cookie.value for cookie in client._cookies.values()]
    drain(app)
    client.get(f"/o/{order.access_token}")
    client.get("/o/nonsense-0123456789-0123456789-0123456789")
    client.post("/stripe/webhook", data=b'{"secret": 1}', headers={"Stripe-Signature": "t=1,v1=ff"})
    client.post("/cart/items", data={"csrf_token": "forged-token-value"})
    logging.getLogger("shop").error("failed", exc_info=RuntimeError("for camille@example.org"))
    said = capsys.readouterr().err
    assert "mail sent" in said
    assert "failed" in said
    for secret in (*secrets, "forged-token-value", "v1=ff"):
        assert secret not in said
