"""The settings of the machine: environment or `.env`, read once, typed, checked at start.

What the merchant changes lives in the database instead (`shop/settings/`). Each field is
described in `.env.example`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from flask import current_app

from shop.core.emails import needs_smtputf8, parse_mailbox
from shop.core.errors import BadInput
from shop.core.money import SUPPORTED
from shop.core.secret_keys import is_guessable_key
from shop.core.settings_values import SettingsReader

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ("development", "production", "testing")
JOB_RUNNERS = ("process", "thread", "celery")
REDIS = ("redis://", "rediss://", "unix://")
BROKERS = (*REDIS, "redis+socket://", "sentinel://", "amqp://", "amqps://", "pyamqp://")


class ConfigError(Exception):
    """The shop will not start like this. `problems` says what to set, a sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The settings are not right:\n" + "\n".join(f"- {p}" for p in problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings, typed. Addresses carry no trailing slash; an empty string means not set."""

    env: str = "development"
    instance_path: Path = ROOT / "instance"
    secret_key: str = field(default="", repr=False)
    database_url: str = field(default="", repr=False)
    site_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    payments: tuple[str, ...] = ()
    stripe_secret_key: str = field(default="", repr=False)
    stripe_webhook_secret: str = field(default="", repr=False)
    stripe_api_base: str = ""
    sandbox_demo: bool = False
    sandbox_control: bool = False
    jobs: str = "process"
    redis_url: str = field(default="", repr=False)
    broker_url: str = field(default="", repr=False)
    mail_url: str = field(default="", repr=False)
    mail_from: str = "Maison Flux <shop@localhost>"
    staff_email: str = ""
    media_url: str = ""
    currency: str = "EUR"
    timezone: str = "Europe/Paris"
    crash_points: str = ""

    @property
    def is_production(self) -> bool:
        """Whether real people shop here."""
        return self.env == "production"

    @property
    def uses_sandbox(self) -> bool:
        """Whether the built-in sandbox is there: no key is set, and nobody else is named alone."""
        return not self.stripe_secret_key and (not self.payments or "sandbox" in self.payments)

    @property
    def is_https(self) -> bool:
        """Whether the public address is https: cookies are then Secure and __Host-."""
        return self.site_url.startswith("https://")

    @property
    def sends_mail(self) -> bool:
        """Whether mails leave this machine. Those of a demonstration never do."""
        return bool(self.mail_url) and not self.sandbox_demo

    @property
    def mail_path(self) -> Path:
        """The folder of mails that do not leave."""
        return self.instance_path / "mail"

    @property
    def media_path(self) -> Path:
        """The folder of stored pictures."""
        return Path(self.media_url) if self.media_url else self.instance_path / "media"


def config() -> Config:
    """Return the settings of the running application."""
    found = current_app.extensions["shop_config"]
    if not isinstance(found, Config):
        raise TypeError("the application was not made by create_app()")
    return found


def is_safe_base(base: str) -> bool:
    """Return whether a key may be sent to `base`: by TLS, or within this machine."""
    parts = urlsplit(base)
    is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_here)
    )


def read_config(overrides: Mapping[str, str] | None = None) -> Config:
    """Read environment and `.env` (the environment wins), apply `overrides`, check, and type.

    Raises ConfigError with every problem found, not only the first.
    """
    built, problems = parse_config(overrides)
    if problems:
        raise ConfigError(problems)
    return built


def misspelled_settings() -> list[str]:
    """Return the names in `.env` that are no setting of ours."""
    known = {"SHOP_ENV", *(f.name.upper() for f in fields(Config))} - {"ENV"}
    return sorted(name for name in dotenv_values(ROOT / ".env") if name not in known)


def parse_config(overrides: Mapping[str, str] | None = None) -> tuple[Config, list[str]]:
    """Return the settings as far as they can be read, and what is wrong with them.

    A value that cannot be understood is replaced by its default. For `flask doctor`; everybody
    else wants `read_config`.
    """
    found = {k: v for k, v in dotenv_values(ROOT / ".env").items() if v is not None}
    found |= os.environ
    found |= overrides or {}
    reader = SettingsReader(found)
    env = reader.choice("SHOP_ENV", ENVIRONMENTS, "development")
    instance = Path(reader.text("INSTANCE_PATH") or ROOT / "instance").resolve()
    built = Config(
        env=env,
        instance_path=instance,
        secret_key=reader.key("SECRET_KEY", instance, env),
        database_url=_database_url(reader.address("DATABASE_URL"), instance),
        site_url=reader.url("SITE_URL"),
        trusted_hosts=reader.words("TRUSTED_HOSTS"),
        trusted_proxies=reader.number("TRUSTED_PROXIES", 0, 10),
        payments=reader.words("PAYMENTS"),
        stripe_secret_key=reader.text("STRIPE_SECRET_KEY"),
        stripe_webhook_secret=reader.text("STRIPE_WEBHOOK_SECRET"),
        stripe_api_base=reader.url("STRIPE_API_BASE"),
        sandbox_demo=reader.flag("SANDBOX_DEMO"),
        sandbox_control=reader.flag("SANDBOX_CONTROL"),
        jobs=reader.choice("JOBS", JOB_RUNNERS, "process"),
        redis_url=reader.address("REDIS_URL"),
        broker_url=reader.address("BROKER_URL") or reader.text("REDIS_URL"),
        mail_url=reader.address("MAIL_URL"),
        mail_from=reader.text("MAIL_FROM") or Config.mail_from,
        staff_email=reader.text("STAFF_EMAIL"),
        media_url=reader.text("MEDIA_URL"),
        currency=(reader.text("CURRENCY") or "EUR").upper(),
        timezone=reader.text("TIMEZONE") or "Europe/Paris",
        crash_points=reader.text("CRASH_POINTS"),
    )
    return built, reader.problems + check_config(built)


def _database_url(url: str, instance: Path) -> str:
    """Return the URL with our driver named and a SQLite path made absolute."""
    if not url:
        return f"sqlite:///{instance / 'shop.sqlite3'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        return f"sqlite:///{(ROOT / url.removeprefix('sqlite:///')).resolve()}"
    return url


def check_config(config: Config) -> list[str]:
    """Return what is wrong with `config`, a sentence for each; production is held to more."""
    problems = _check_common(config) + _check_payment(config)
    return problems + (_check_production(config) if config.is_production else [])


def _check_common(config: Config) -> list[str]:
    problems = []
    if not config.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        problems.append("DATABASE_URL must start with sqlite:/// or postgresql://.")
    if config.currency not in SUPPORTED:
        problems.append(
            f"CURRENCY {config.currency} is not supported: {', '.join(sorted(SUPPORTED))}."
        )
    try:
        ZoneInfo(config.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(f"TIMEZONE {config.timezone!r} is not a zone such as Europe/Paris.")
    if config.jobs == "celery" and not config.broker_url:
        problems.append("JOBS=celery needs BROKER_URL or REDIS_URL.")
    if config.mail_url and urlsplit(config.mail_url).scheme not in {"smtp", "smtps"}:
        problems.append("MAIL_URL must look like smtp://user:password@host:587 or smtps://….")
    if not _is_mailbox(config.mail_from):
        problems.append(
            "MAIL_FROM must be an address such as Maison Flux <shop@example.com>; "
            'a name with a comma stands in quotation marks: "Flux, Maison" <shop@example.com>.'
        )
    if config.staff_email and not _is_mailbox(config.staff_email):
        problems.append("STAFF_EMAIL must be an address such as me@example.com.")
    if "://" in config.media_url:
        problems.append("MEDIA_URL must be a folder; object stores are not supported yet.")
    return problems + _check_network(config)


def _is_mailbox(text: str) -> bool:
    """Return whether a mail can be sent from and to `text` anywhere, by the code that sends."""
    try:
        return not needs_smtputf8(parse_mailbox(text).addr_spec)
    except BadInput:
        return False


def _check_network(config: Config) -> list[str]:
    problems = []
    if config.site_url and (urlsplit(config.site_url).path or "?" in config.site_url):
        problems.append("SITE_URL must be without a path: the shop needs a host of its own.")
    if any(sign in host for host in config.trusted_hosts for sign in "/@ "):
        problems.append("TRUSTED_HOSTS must be host names alone, such as shop.example.")
    if config.redis_url and not config.redis_url.startswith(REDIS):
        problems.append("REDIS_URL must start with redis://, rediss:// or unix://.")
    given = config.broker_url != config.redis_url
    if config.broker_url and given and not config.broker_url.startswith(BROKERS):
        problems.append("BROKER_URL must start with redis:// or amqp://.")
    return problems


def _check_payment(config: Config) -> list[str]:
    key, problems = config.stripe_secret_key, []
    if key and not key.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
        problems.append("STRIPE_SECRET_KEY must start with sk_test_, sk_live_, rk_….")
    if key.startswith("sk_test_sandbox"):
        problems.append("STRIPE_SECRET_KEY is a key of the sandbox; leave it empty to use that.")
    if config.stripe_webhook_secret.startswith("whsec_sandbox"):
        problems.append("STRIPE_WEBHOOK_SECRET is the sandbox's; use the one Stripe shows you.")
    if config.stripe_webhook_secret and not config.stripe_webhook_secret.startswith("whsec_"):
        problems.append("STRIPE_WEBHOOK_SECRET must start with whsec_ (not the webhook's id).")
    if config.stripe_api_base and key.startswith(("sk_live_", "rk_live_")):
        problems.append("STRIPE_API_BASE is for tests and is refused with a live key.")
    if config.stripe_api_base and not is_safe_base(config.stripe_api_base):
        problems.append("STRIPE_API_BASE must be https or a loopback address.")
    if key and (config.sandbox_demo or config.sandbox_control):
        problems.append(
            "SANDBOX_DEMO and SANDBOX_CONTROL exclude STRIPE_SECRET_KEY: remove one side."
        )
    return problems


def _check_production(config: Config) -> list[str]:
    problems = []
    make_one = "make one with python -c 'import secrets; print(secrets.token_urlsafe(48))'."
    if len(config.secret_key) < 32:
        problems.append(f"SECRET_KEY must have at least 32 characters; {make_one}")
    elif is_guessable_key(config.secret_key):
        problems.append(f"SECRET_KEY must be drawn at random: this one repeats itself; {make_one}")
    signing = config.stripe_webhook_secret.removeprefix("whsec_")
    if signing and is_guessable_key(signing):
        problems.append("STRIPE_WEBHOOK_SECRET can be guessed: copy the one that Stripe shows.")
    if not config.site_url:
        problems.append("SITE_URL must be the shop's public address, such as https://shop.example.")
    if not config.trusted_hosts:
        problems.append("TRUSTED_HOSTS must list the host names the shop answers to.")
    if config.uses_sandbox and not config.sandbox_demo:
        problems.append(
            "STRIPE_SECRET_KEY is missing. Set it, or name in PAYMENTS who else takes the money, "
            "or set SANDBOX_DEMO=1 to run as a demonstration."
        )
    if config.sandbox_control:
        problems.append("SANDBOX_CONTROL is for tests and is refused in production.")
    if config.crash_points:
        problems.append("CRASH_POINTS is for tests and is refused in production.")
    return problems
