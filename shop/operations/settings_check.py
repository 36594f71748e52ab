"""Every setting of the machine in a sentence: what it is now, what is wrong, what to set."""

import json
import os
import runpy
from dataclasses import fields
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url

from shop.core.config import ROOT, Config, misspelled_settings
from shop.operations.check_results import CheckResult, bad, look, ok

_URLS = {"database_url", "redis_url", "broker_url", "mail_url"}
# Whatever the settings keep out of their own text.
_SECRETS = {field.name for field in fields(Config) if not field.repr}


def check_settings(config: Config, problems: list[str]) -> list[CheckResult]:
    """Return a finding for every setting; `problems` are the sentences of `parse_config`."""
    found = []
    for name, setting in setting_names().items():
        shown = shown_value(config, name)
        wrong = [problem for problem in problems if problem.startswith(setting)]
        if wrong:
            found += [bad(setting, shown, problem) for problem in wrong]
        else:
            found.append(_remark(config, setting) or ok(setting, shown))
    named = set(setting_names().values())
    others = [p for p in problems if p.split(" ", 1)[0].rstrip(":") not in named]
    found += [bad("settings", "do not go together", problem) for problem in others]
    found += [
        look(name, "is in .env, but is no setting", "See .env.example for how they are spelled.")
        for name in misspelled_settings()
    ]
    return found


def check_gunicorn() -> CheckResult:
    """Return where the shop serves at present, else how gunicorn would serve by this environment.

    Bad when it would not start.
    """
    try:
        server = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    except SystemExit as error:
        sentence = str(error)
        return bad(sentence.split(maxsplit=1)[0], "gunicorn does not start", sentence)
    serving = _serving(server["SERVING"])
    if serving:
        return ok("gunicorn", f"serves on {', '.join(serving)}")
    processes, threads, address = server["workers"], server["threads"], server["bind"]
    shape = f"{processes} processes of {threads} threads on {address}"
    return ok("gunicorn", f"does not run; would start {shape}")


def _serving(path: Path) -> list[str]:
    """Return the addresses that a running gunicorn has noted; none when that process is gone."""
    try:
        noted = json.loads(path.read_text())
        os.kill(int(noted["pid"]), 0)  # asks whether it is there
        return [str(address) for address in noted["addresses"]]
    except PermissionError:  # another user's process: it is there
        return [str(address) for address in noted["addresses"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def setting_names() -> dict[str, str]:
    """Return the field of Config for every setting, and the setting's name, in order."""
    return {f.name: "SHOP_ENV" if f.name == "env" else f.name.upper() for f in fields(Config)}


def shown_value(config: Config, name: str) -> str:
    """Return the value of a setting as it may be shown: keys by their kind, no passwords."""
    value = getattr(config, name)
    if isinstance(value, tuple):
        return ", ".join(value) or "not set"
    text = str(value)
    if not text:
        return "not set"
    if name in _URLS:
        return without_password(text)
    if name == "stripe_secret_key":
        kind = text[:8] if text.startswith(("sk_", "rk_")) else ""
        return f"{kind}… ({len(text)} characters)"
    if name in _SECRETS:
        return f"set ({len(text)} characters)"
    return text


def without_password(url: str) -> str:
    """Return `url` with stars for its password."""
    if url.startswith(("sqlite:", "postgresql")):
        return make_url(url).render_as_string(hide_password=True)
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return url.replace(f":{parts.password}@", ":***@")


def _remark(config: Config, setting: str) -> CheckResult | None:
    """Return what is allowed but perhaps not meant."""
    remarks = {
        "SITE_URL": (not config.site_url, "not set: links lead to the address it is called by",
                     "Set it to the public address, such as https://shop.example."),
        "MAIL_URL": (not config.mail_url, "not set: mails are files in instance/mail",
                     "Set smtp://user:password@host:587 to send them."),
        "STAFF_EMAIL": (not config.staff_email, "not set: nobody is told of orders in trouble",
                        "Set it to the address of whoever looks after orders."),
        "STRIPE_SECRET_KEY": (config.uses_sandbox, "not set: the sandbox takes the money",
                              "Set the key of the Stripe dashboard, Developers, API keys."),
        "SANDBOX_DEMO": (config.sandbox_demo, "on: nothing is sold, no mail leaves",
                         "Remove it and set STRIPE_SECRET_KEY to sell."),
        "TRUSTED_HOSTS": (_is_host_missing(config), "does not name the host of SITE_URL",
                          "Add it, or every page answers 400."),
        "TRUSTED_PROXIES": (config.is_production and config.trusted_proxies == 0,
                            "0: nothing is expected in front of the shop",
                            "Behind a proxy set 1, or all visitors count as one address."),
    }  # fmt: skip
    applies, text, advice = remarks.get(setting, (False, "", ""))
    return look(setting, text, advice) if applies else None


def _is_host_missing(config: Config) -> bool:
    host = urlsplit(config.site_url).hostname or ""
    return bool(config.trusted_hosts and host) and not any(
        host == trusted or (trusted.startswith(".") and host.endswith(trusted))
        for trusted in config.trusted_hosts
    )
