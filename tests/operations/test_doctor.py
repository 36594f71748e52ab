"""`flask doctor` explains a misconfiguration of each setting, also when the shop will not start."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe
from flask import Flask
from sqlalchemy import select

from shop.core import clock
from shop.core.config import Config
from shop.core.db import transaction
from shop.jobs import enqueue
from shop.jobs.queries import list_failed
from shop.jobs.services import mark_worker_seen
from shop.models import Job, JobState, Page, Setting, ShopState
from shop.operations.checks import REQUIRED_TEXTS, check_legal_texts
from shop.operations.settings_check import (
    check_gunicorn,
    check_settings,
    setting_names,
    shown_value,
    without_password,
)
from shop.pages.services import begin_sample, publish_page
from shop.settings.queries import shop_settings
from tests.conftest import both_engines, settings_for
from tests.processes import PATIENCE, ROOT, Ended, environment, run_flask

GOOD = {
    "SHOP_ENV": "production",
    "SECRET_KEY": "9vJx2LrQm7TzKc4WnH8sYbD3fGpA6eUo1XiV",
    "SITE_URL": "https://shop.example",
    "TRUSTED_HOSTS": "shop.example",
    "TRUSTED_PROXIES": "1",
    "STRIPE_SECRET_KEY": "sk_test_51abcdefghijklmnop",
    "STRIPE_WEBHOOK_SECRET": "whsec_q8Zt3mKd7RxW1nBv",
    "SANDBOX_CONTROL": "",
}
WRONG = {
    "SHOP_ENV": ("staging", "must be one of"),
    "SECRET_KEY": ("short", "at least 32 characters"),
    "DATABASE_URL": ("mysql://shop@db/shop", "must start with sqlite:/// or postgresql://"),
    "SITE_URL": ("shop.example", "must be an http(s) address"),
    "TRUSTED_HOSTS": ("", "must list the host names"),
    "TRUSTED_PROXIES": ("many", "must be a number from 0 to 10"),
    "STRIPE_SECRET_KEY": ("pk_live_51abc", "must start with sk_test_"),
    "STRIPE_WEBHOOK_SECRET": ("we_123456", "must start with whsec_"),
    "STRIPE_API_BASE": ("http://stripe.example", "must be https or a loopback address"),
    "SANDBOX_DEMO": ("perhaps", "must be 1 or 0"),
    "SANDBOX_CONTROL": ("1", "refused in production"),
    "JOBS": ("cron", "must be one of process, thread, celery"),
    "MAIL_URL": ("mail.example", "must look like smtp://"),
    "MAIL_FROM": ("Flux, Maison <shop@example.com>", "must be an address"),
    "MEDIA_URL": ("s3://bucket", "object stores are not supported yet"),
    "CURRENCY": ("KWD", "is not supported"),
    "TIMEZONE": ("Paris", "is not a zone"),
    "CRASH_POINTS": ("after-hold=kill", "is refused in production"),
}

UNREADABLE = {
    "SECRET_KEY": ("k" * 40, "drawn at random"),
    "DATABASE_URL": ("postgresql://db:port/shop", "cannot be read"),
    "SITE_URL": ("http://[::1", "must be an http(s) address"),
    "STRIPE_API_BASE": ("http://127.0.0.1.evil.example", "must be https or a loopback address"),
    "REDIS_URL": ("redis://cache:port", "cannot be read"),
    "BROKER_URL": ("amqp://[broker", "cannot be read"),
    "MAIL_URL": ("smtp://mail.example:port", "cannot be read"),
    "INSTANCE_PATH": ("/proc/nowhere", "cannot be used"),
}
SERVER = {
    "PORT": ("99999", "must be a number from 1 to 65535"),
    "BIND": ("shop.example:http", "must be address:port or unix:/path"),
    "WEB_CONCURRENCY": ("abc", "must be a number from 1 to 256"),
    "WEB_THREADS": ("0", "must be a number from 1 to 1024"),
}
MISTAKEN = {
    "SITE_URL": ("https://shop.example/shop", "without a path"),
    "TRUSTED_HOSTS": ("https://shop.example", "host names alone"),
    "REDIS_URL": ("localhost:6379", "must start with redis://"),
    "BROKER_URL": ("localhost:5672", "must start with redis:// or amqp://"),
    "STAFF_EMAIL": ("désirée@shop.example", "must be an address"),
}


def run_doctor(tmp_path: Path, **settings: str) -> Ended:
    env = environment(settings_for(tmp_path, **{**GOOD, **settings}))
    return run_flask("doctor", env=env, folder=tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        (name, *rest)
        for table in (WRONG, UNREADABLE, MISTAKEN, SERVER)
        for name, rest in table.items()
    ],
)
def test_a_wrong_setting_is_named_with_what_to_set(
    name: str, value: str, advice: str, tmp_path: Path
) -> None:
    settings = {"SECRET_KEY": "", "SHOP_ENV": "testing"} if name == "INSTANCE_PATH" else {}
    done = run_doctor(tmp_path, **{**settings, name: value})
    assert done.returncode == 1
    line = next(line for line in done.stdout.splitlines() if line.startswith(f"bad   {name} "))
    after = done.stdout.split(line, 1)[1].splitlines()[1]
    assert advice in after
    assert "Traceback" not in done.stdout + done.stderr


def test_all_of_them_are_explained_at_once(tmp_path: Path) -> None:
    done = run_doctor(tmp_path, **{name: value for name, (value, _) in WRONG.items()})
    bad = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("bad")}
    # With an unknown SHOP_ENV it cannot say what only production forbids.
    assert bad >= set(WRONG) - {"SECRET_KEY", "TRUSTED_HOSTS", "SANDBOX_CONTROL", "CRASH_POINTS"}


def test_celery_without_a_broker_is_explained(tmp_path: Path) -> None:
    assert "JOBS=celery needs BROKER_URL" in run_doctor(tmp_path, JOBS="celery").stdout


def test_no_secret_is_ever_printed(tmp_path: Path) -> None:
    secrets = {
        "SECRET_KEY": "topsecret-9vJx2LrQm7TzKc4WnH8sYbD3fGpA",
        "DATABASE_URL": "postgresql://shop:topsecret@127.0.0.1:9/shop",
        "STRIPE_SECRET_KEY": "sk_live_topsecret",
        "STRIPE_WEBHOOK_SECRET": "whsec_topsecret-q8Zt3mKd7RxW",
        "REDIS_URL": "redis://:topsecret@127.0.0.1:9/0",
        "MAIL_URL": "smtp://me:topsecret@127.0.0.1:9",
    }
    for more in ({}, {"CURRENCY": "KWD"}):
        done = run_doctor(tmp_path, **{**secrets, **more})
        assert "sk_live_…" in done.stdout
        assert "topsecret" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "name", sorted(SERVER.keys() - {"WEB_CONCURRENCY"})
)  # gunicorn reads it first
def test_gunicorn_says_why_it_does_not_start(tmp_path: Path, name: str) -> None:
    value, advice = SERVER[name]
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn"],
        env=environment(settings_for(tmp_path), **{name: value}),
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"{name} {advice}" in done.stderr
    assert "Traceback" not in done.stderr


def test_other_commands_say_why_the_shop_does_not_start(tmp_path: Path) -> None:
    env = environment(settings_for(tmp_path, CURRENCY="KWD"))
    done = subprocess.run(
        [sys.executable, "-m", "flask", "worker"],
        env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 1
    assert "CURRENCY KWD is not supported" in done.stderr
    assert "flask doctor" in done.stderr


def test_what_the_settings_keep_to_themselves_is_not_shown() -> None:
    secrets = [field.name for field in fields(Config) if not field.repr]
    assert "secret_key" in secrets
    for name in secrets:
        config = replace(Config(), **{name: "https://me:topsecret@shop.example"})
        assert "topsecret" not in shown_value(config, name), name


def test_every_setting_is_looked_at() -> None:
    found = {finding.subject for finding in check_settings(Config(), [])}
    assert set(setting_names().values()) <= found


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:pw@h:6379/0", "redis://:***@h:6379/0"),
        ("smtp://me:pw@h", "smtp://me:***@h"),
        ("smtp://h:25", "smtp://h:25"),
        ("postgresql+psycopg://u:pw@h/d", "postgresql+psycopg://u:***@h/d"),
    ],
)
def test_urls_lose_their_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


def lines(app: Flask) -> tuple[int, dict[str, str]]:
    """Run doctor on `app`; return its exit code and what it says about each subject."""
    runner: Any = app.test_cli_runner()
    result = runner.invoke(args=["doctor"])
    said = {}
    for line in result.output.splitlines():
        level, _, rest = line.partition("  ")
        if level.strip() in {"ok", "look", "bad"}:
            subject, text = rest.strip()[:22].strip(), rest.strip()[22:].strip()
            said[subject] = f"{level.strip()}: {text}"
    return result.exit_code, said


@both_engines
def test_a_well_shop_is_well(app: Flask) -> None:
    with app.app_context():
        mark_worker_seen()
    code, said = lines(app)
    assert code == 0
    assert said["migrations"].startswith("ok")
    assert said["worker"].startswith("ok")
    assert said["payments"].startswith("ok: sandbox, test mode")
    assert said["catalogue"] == "look: is empty"


@both_engines
def test_late_and_failed_jobs_are_told(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        enqueue("mail.x", {}, "late")
        session.add(Job(name="mail.y", dedupe_key="f", run_at=clock.now(), state=JobState.FAILED))
    clock.move(600)
    code, said = lines(app)
    assert code == 1
    assert said["jobs"].startswith("bad: 1 due, the oldest for 600 s")
    assert said["failed jobs"] == "look: 1: mail.y"


def test_an_unreachable_database_is_told(make_app: Callable[..., Flask]) -> None:
    code, said = lines(make_app(DATABASE_URL="postgresql://x:hunter2@127.0.0.1:9/none"))
    assert code == 1
    assert said["database"].startswith("bad: does not answer")


def test_servers_that_do_not_answer_are_told(make_app: Callable[..., Flask]) -> None:
    app = make_app(
        MAIL_URL="smtp://127.0.0.1:9", REDIS_URL="redis://127.0.0.1:9/0", JOBS="celery",
        BROKER_URL="amqp://127.0.0.1:9//",
    )  # fmt: skip
    code, said = lines(app)
    assert code == 1
    for subject in ("mail", "REDIS_URL", "BROKER_URL"):
        assert said[subject].startswith("bad") or "127.0.0.1:9" in said[subject], said


def test_another_currency_than_that_of_the_prices_is_told(make_app: Callable[..., Flask]) -> None:
    app = make_app(CURRENCY="USD")
    with app.app_context(), transaction() as session:
        session.get_one(ShopState, 1).currency = "EUR"
    code, said = lines(app)
    assert (code, said["currency"]) == (1, "bad: prices were entered in EUR")


def test_a_stored_setting_that_this_version_cannot_use_is_told(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        session.add_all([Setting(key="language", value="de"), Setting(key="gone", value=1)])
    code, said = lines(app)
    assert code == 0
    assert said["setting language"].startswith("look: 'de' cannot be used. Language must be one of")
    assert said["setting gone"] == "look: this version has no such setting"
    with app.app_context():
        assert shop_settings().language == "en"


def test_texts_that_a_shop_must_publish_are_looked_for(app: Flask) -> None:
    with app.app_context():
        assert [found.level for found in check_legal_texts()] == ["look"]
        with transaction() as session:
            for role in REQUIRED_TEXTS:
                publish_page(begin_sample(role), user_id=None)
        [found] = check_legal_texts()
        assert "still the sample: Terms" in found.text
        with transaction() as session:
            for page in session.scalars(select(Page)):
                page.source = "Ours."
                publish_page(page, user_id=None)
        assert [found.level for found in check_legal_texts()] == ["ok"]


def test_a_webhook_that_was_never_called_is_told(make_app: Callable[..., Flask]) -> None:
    key = {"STRIPE_SECRET_KEY": "sk_test_51abc", "STRIPE_API_BASE": "http://127.0.0.1:9",
           "SANDBOX_CONTROL": ""}  # fmt: skip
    _, said = lines(make_app(**key))
    assert said["webhook"].startswith("bad: has no signing secret")
    assert said["payments"].startswith("bad: cannot be reached")
    _, said = lines(make_app(**key, STRIPE_WEBHOOK_SECRET="whsec_1"))
    assert said["webhook"] == "look: has never received an event"
    app = make_app(**key, STRIPE_WEBHOOK_SECRET="whsec_1")
    body = json.dumps({"id": "evt_1", "object": "event", "type": "plan.created", "created": 1,
                       "livemode": False, "data": {"object": {"id": "plan_1"}}})  # fmt: skip
    stamp = int(clock.now().timestamp())
    header = stripe.WebhookSignature.generate_signature_header(body, "whsec_1", stamp)
    for _ in range(2):
        answer = app.test_client().post(
            "/stripe/webhook", data=body, headers={"Stripe-Signature": header}
        )
        assert answer.status_code == 200
    _, said = lines(app)
    assert said["webhook"].startswith("ok: last called at 20")


def test_a_folder_that_cannot_be_written_is_told(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    code, said = lines(make_app(MEDIA_URL=str(tmp_path / "file" / "media")))
    assert code == 1
    assert said["media"].startswith("bad: cannot be written")


@both_engines
def test_given_up_jobs_are_listed_and_retried(app: Flask) -> None:
    with app.app_context():
        with transaction() as session:
            for name, minutes in (("mail.x", 2), ("mail.y", 1), ("mail.z", 3)):
                session.add(
                    Job(name=name, dedupe_key=name, run_at=clock.now(), state=JobState.FAILED,
                        finished_at=clock.now() - timedelta(minutes=minutes),
                        error="ConnectionError: no route\nmore")
                )  # fmt: skip
            session.add(Job(name="mail.w", dedupe_key="w", run_at=clock.now()))
        failed = [job.name for job in list_failed()]
    runner: Any = app.test_cli_runner()
    listed = runner.invoke(args=["jobs", "list"]).output
    assert [line.split()[1] for line in listed.splitlines()] == ["mail.y", "mail.x", "mail.z"]
    assert failed == ["mail.y", "mail.x", "mail.z"]  # as staff see them
    assert listed.count("ConnectionError: no route\n") == 3
    assert "3 jobs will run again" in runner.invoke(args=["jobs", "retry"]).output
    assert runner.invoke(args=["jobs", "list"]).output == "No job was given up.\n"


def test_doctor_names_the_address_that_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path))
    noted = tmp_path / "serving.json"
    for pid, said in (
        (os.getpid(), "serves on http://127.0.0.1:9000"),
        (2**22 + 1, "does not run"),
    ):
        noted.write_text(json.dumps({"pid": pid, "addresses": ["http://127.0.0.1:9000"]}))
        assert said in check_gunicorn().text
    noted.write_text("half")
    assert "does not run" in check_gunicorn().text
