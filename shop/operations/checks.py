"""The running shop looked at from all sides, for `flask doctor`. It changes nothing."""

import shutil
import smtplib
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from shop.core.clock import now
from shop.core.config import Config, config
from shop.core.db import db, end_read
from shop.jobs.queries import job_health, list_failed
from shop.mail.transport import check_server, goes_outside, mail_folder
from shop.models import PageRole, Product, ShopState, User, WebhookEvent
from shop.operations.addresses_check import check_addresses
from shop.operations.check_results import CheckResult, bad, look, ok
from shop.operations.queries import database_revision, known_revisions
from shop.pages.queries import list_samples, public_pages
from shop.payments.current import (
    chosen_providers,
    configured_providers,
    gateway,
    is_play_money,
)
from shop.payments.errors import KeyRefused, PaymentUnavailable
from shop.payments.registry import PROVIDERS
from shop.settings.queries import list_unusable, shop_settings
from shop.settings.registry import DEFINITIONS, REQUIRED_OF_A_COMPANY
from shop.web.public_url import public_url

REQUIRED_TEXTS = (PageRole.TERMS, PageRole.WITHDRAWAL, PageRole.PRIVACY, PageRole.IMPRINT)
ENOUGH_SPACE = 500 * 1024 * 1024  # bytes


def check_shop() -> list[CheckResult]:
    """Return what was found; checks that need a migrated database wait until there is one."""
    found = [*check_database()]
    if all(finding.level != "bad" for finding in found):
        for check in (
            check_jobs,
            check_catalogue,
            check_choices,
            check_legal_texts,
            check_company,
            check_ways_to_pay,
            check_events,
            check_addresses,
        ):
            found += check()
            end_read()
    for check in (check_provider, check_mail, check_files, check_network):
        found += check()
    return found


def check_database() -> Iterator[CheckResult]:
    """Is it there, at the newest migration, and set up so that nothing is lost?"""
    try:
        revision = database_revision()
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        yield bad("database", f"does not answer: {reason}", "Check DATABASE_URL and its server.")
        return
    newest = known_revisions()[0]
    if revision == newest:
        yield ok("migrations", f"at {newest}, the newest")
    elif revision and revision not in known_revisions():
        yield look("migrations", f"at {revision}, newer than this version", "Update the shop.")
    else:
        yield bad("migrations", f"at {revision or 'none'}, not at {newest}", "flask db upgrade")
    yield from _check_sqlite() if db.engine.dialect.name == "sqlite" else _check_postgresql()
    end_read()


def _check_sqlite() -> Iterator[CheckResult]:
    wanted = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}
    found = {name: db.session.scalar(text(f"PRAGMA {name}")) for name in wanted}
    if found == wanted:
        yield ok("SQLite", "WAL, foreign keys on, synchronous FULL")
    else:
        yield bad("SQLite", f"is {found}", "Put the file on a local disk: WAL needs shared memory.")


def _check_postgresql() -> Iterator[CheckResult]:
    version = db.session.scalar(text("SHOW server_version"))
    encoding = db.session.scalar(text("SHOW server_encoding"))
    if encoding == "UTF8":
        yield ok("PostgreSQL", f"{version}, UTF8")
    else:
        yield bad("PostgreSQL", f"{version}, {encoding}", "Make the database with ENCODING 'UTF8'.")


def check_jobs() -> Iterator[CheckResult]:
    """Does somebody work, is something late, what gave up?"""
    health = job_health(now())
    advice = {
        "process": "It runs beside gunicorn; without gunicorn start `flask worker`.",
        "celery": "Start `celery --app shop.jobs.celery worker --beat`.",
        "thread": "JOBS=thread runs no jobs by itself; it is for tests.",
    }[config().jobs]
    if health.is_late:
        yield bad("jobs", f"{health.due} due, the oldest for {health.lag:.0f} s", advice)
    else:
        yield ok("jobs", f"{health.due} due")
    if health.worker_age is None:
        yield look("worker", "has never run", advice)
    elif health.worker_age > 120:
        yield look("worker", f"seen {health.worker_age:.0f} s ago", advice)
    else:
        yield ok("worker", f"seen {health.worker_age:.0f} s ago")
    if health.failed:
        names = ", ".join(sorted({job.name for job in list_failed()}))
        yield look("failed jobs", f"{health.failed}: {names}", "flask jobs list, flask jobs retry")
    for name, error in health.troubled.items():
        yield look(name, error.splitlines()[0][:400], "It runs again by itself; the log says more.")


def count_staff() -> int:
    """Return how many people may enter the admin."""
    active = select(func.count()).where(User.role_id.is_not(None), User.is_active)
    return db.session.scalar(active) or 0


def check_catalogue() -> Iterator[CheckResult]:
    """Can anybody buy or manage anything?"""
    products = db.session.scalar(select(func.count()).where(Product.is_active))
    staff = count_staff()
    if products:
        yield ok("catalogue", f"{products} products on sale")
    else:
        yield look("catalogue", "is empty", "flask seed demo, or add products in the admin")
    if staff:
        yield ok("staff", f"{staff} account{'s' * (staff > 1)}")
    else:
        yield look("staff", "has no account", "flask create-admin you@example.com")
    state = db.session.scalars(select(ShopState)).one()
    if state.currency and state.currency != config().currency:
        yield bad(
            "currency",
            f"prices were entered in {state.currency}",
            f"Set CURRENCY={state.currency}: amounts are never converted.",
        )


def check_choices() -> Iterator[CheckResult]:
    """Can what the merchant chose be used, such as a language that this version speaks?"""
    for key, why in list_unusable():
        value = DEFINITIONS[key].show(DEFINITIONS[key].default) if key in DEFINITIONS else ""
        advice = f"Meanwhile it is {value}. flask settings set {key} {value}" if value else ""
        yield look(f"setting {key}", why, advice)


def check_legal_texts() -> Iterator[CheckResult]:
    """Can be read what a shop must publish, and is it more than the sample that came with it?"""
    pages = public_pages()
    missing = [str(role) for role in REQUIRED_TEXTS if pages.of_role(role) is None]
    if missing:
        advice = "Write them at /admin/pages, which has samples to begin with."
        yield look("pages", f"nothing is published for {', '.join(missing)}", advice)
    samples = list_samples()
    if samples:
        yield look("pages", f"still the sample: {', '.join(samples)}", "Have your own checked.")
    if not missing and not samples:
        yield ok("pages", "terms, withdrawal, privacy and imprint are published")


def check_company() -> Iterator[CheckResult]:
    """Does the shop say who runs it, as it must (Directive 2000/31/EC, art. 5)?"""
    settings = shop_settings()
    unsaid = [DEFINITIONS[key].label for key in REQUIRED_OF_A_COMPANY if not getattr(settings, key)]
    if unsaid:
        advice = "Enter them at /admin/settings/company; the contact address at …/shop."
        yield look("company", f"not entered: {', '.join(unsaid)}", advice)
    else:
        yield ok("company", settings.company_name)


def check_ways_to_pay() -> Iterator[CheckResult]:
    """Does anybody take the money of new orders, and is what the merchant set for it whole?"""
    for provider in configured_providers():
        there, title = gateway(provider), str(PROVIDERS[provider].words.title)
        if advice := there.missing_settings():
            yield bad("payments", f"{title} is half-set, and not offered", advice)
        elif there.by_hand and there.is_on():
            yield ok("payments", f"{title} is offered; staff note what comes")
    if not any(gateway(provider).is_on() for provider in chosen_providers()):
        yield bad("payments", "nobody takes the money of new orders", "Set one of PAYMENTS up.")


def check_events() -> Iterator[CheckResult]:
    """Has each payment service that calls us ever reached us?"""
    at = db.session.scalar(select(ShopState.webhook_seen_at))
    when = f"last called at {at:%Y-%m-%d %H:%M} UTC, to ten minutes" if at else ""
    for provider in configured_providers():
        if PROVIDERS[provider].webhook:
            from_there = select(WebhookEvent.id).where(WebhookEvent.provider == provider)
            is_known = at is not None and db.session.scalar(from_there.limit(1)) is not None
            yield _check_webhook(provider, when if is_known else "")


def _check_webhook(provider: str, when: str) -> CheckResult:
    address = f"{public_url()}{PROVIDERS[provider].webhook}"
    if is_play_money(provider):
        return ok("webhook", f"the {provider} calls it; {when or 'not yet called'}")
    if advice := gateway(provider).webhook_advice(address):
        why = "has no signing secret: it answers 503 and orders wait for the reconciler"
        return bad("webhook", why, advice)
    if not when:
        test = f"Send a test event from {provider} to {address}."
        return look("webhook", "has never received an event", test)
    return ok("webhook", when)


def check_provider() -> Iterator[CheckResult]:
    """Does the key work, and for which kind of money?"""
    for provider in configured_providers():
        if gateway(provider).by_hand is None:
            yield _check_key(provider)


def _check_key(provider: str) -> CheckResult:
    try:
        account = gateway(provider).check()
    except KeyRefused as error:
        return bad("payments", f"the key is refused: {error.reason}", "Copy the key anew.")
    except PaymentUnavailable as error:
        return bad(
            "payments", f"cannot be reached: {error.reason}", "Check the network, try again."
        )
    mode = "live" if account.livemode else "test"
    return ok("payments", f"{account.provider}, {mode} mode, API {account.api_version}")


def check_mail() -> Iterator[CheckResult]:
    """Does the mail server let us in?"""
    if not goes_outside(config()):
        yield ok("mail", f"stays here, in {mail_folder(config())}")
        return
    try:
        server = check_server(config())
    except (OSError, smtplib.SMTPException) as error:
        yield bad("mail", f"the server does not take us: {error}", "Check MAIL_URL.")
    else:
        yield ok("mail", f"{server} lets us in; flask send-test-mail ADDRESS sends one")


def check_files() -> Iterator[CheckResult]:
    """Can we write, and is there room?"""
    for name, folder in (("instance", config().instance_path), ("media", config().media_path)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".doctor"
            probe.write_text("")
            probe.unlink()
        except OSError as error:
            yield bad(name, f"cannot be written: {error}", f"Give the shop's user {folder}.")
            continue
        free = shutil.disk_usage(folder).free
        room = f"{folder}, {free / 1024**3:.1f} GB free"
        yield ok(name, room) if free > ENOUGH_SPACE else look(name, room, "Make room.")


def check_network() -> Iterator[CheckResult]:
    """Are the other servers there?"""
    asked: dict[str, Callable[[Config], str]] = {
        "REDIS_URL": lambda c: c.redis_url,
        "BROKER_URL": lambda c: c.broker_url if c.jobs == "celery" else "",
    }
    ports = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}
    for name, url_of in asked.items():
        parts = urlsplit(url_of(config()))
        if not parts.hostname:
            continue
        port = parts.port or ports.get(parts.scheme, 0)
        try:
            socket.create_connection((parts.hostname, port), timeout=3).close()
        except OSError as error:
            yield bad(name, f"{parts.hostname}:{port} does not answer: {error}", f"Check {name}.")
        else:
            yield ok(name, f"{parts.hostname}:{port} answers")
