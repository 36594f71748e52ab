"""The gateways of the providers that are configured; without keys, the sandbox in this process."""

import contextvars
from collections.abc import Callable
from functools import partial

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from shop.core.config import Config, ConfigError
from shop.payments.gateway import PaymentGateway
from shop.payments.patience import begin_waiting, end_waiting
from shop.payments.provider import MountedSandbox, ProviderContext
from shop.payments.registry import PROVIDERS

MOUNT = "/_sandbox"


AmountWriter = Callable[[int, str], str]


def init_payments(
    app: Flask,
    config: Config,
    shop_name: Callable[[Flask], str],
    amount_writer: Callable[[Flask], AmountWriter],
    setting: Callable[[str], str | int | bool],
) -> None:
    """Give the application its gateways; nothing is connected before the first call.

    `shop_name` and `amount_writer` tell the sandbox's pages what the shop is called and how it
    writes amounts, as both are now; `setting` returns a choice of the merchant by its key. Raises
    ConfigError for a provider that PAYMENTS names and that is not there.
    """
    sandboxes = {}
    if config.uses_sandbox:
        sandboxes["stripe"] = _mount_sandbox(app, config, shop_name, amount_writer)
    around = ProviderContext(config, sandboxes, setting)
    names = [*dict.fromkeys((*config.payments, *PROVIDERS))]  # the merchant's choice comes first
    connected = ((name, _connect(name, around)) for name in names)
    app.extensions["payments"] = {name: gateway for name, gateway in connected if gateway}
    app.before_request(begin_waiting)
    app.teardown_request(end_waiting)


def _connect(name: str, around: ProviderContext) -> PaymentGateway | None:
    """Return a provider's gateway; one that the merchant names must be there."""
    if name not in PROVIDERS:
        raise ConfigError([f"PAYMENTS names {name!r}; there are {', '.join(PROVIDERS)}."])
    there = PROVIDERS[name].connect(around)
    if there is None and name in around.config.payments:
        raise ConfigError([f"PAYMENTS names {name}, which is not configured: set its keys."])
    return there


def form_targets(app: Flask) -> tuple[str, ...]:
    """Return the origins at which the configured providers have their payment pages."""
    entries = (PROVIDERS[name] for name in app.extensions["payments"])
    return tuple(sorted({target for entry in entries for target in entry.form_targets}))


def _mount_sandbox(
    app: Flask,
    config: Config,
    shop_name: Callable[[Flask], str],
    amount_writer: Callable[[Flask], AmountWriter],
) -> MountedSandbox:
    from sandboxes.stripe import SandboxApp, SandboxConfig, load_or_create_keys
    from sandboxes.transport import call

    def deliver(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        answer = call(app, "POST", url, headers, body)
        return answer.status, answer.body

    keys = load_or_create_keys(config.instance_path)
    sandbox = SandboxApp(
        SandboxConfig(
            database=config.instance_path / "sandbox.sqlite3",
            secret_key=keys[0],
            webhook_secret=keys[1],
            shop_name=lambda: contextvars.Context().run(shop_name, app),
            amount_writer=lambda: contextvars.Context().run(amount_writer, app),
            shop_url=config.site_url,
            control=config.sandbox_control,
            demo=config.sandbox_demo,
        ),
        deliver,
    )
    app.extensions["sandbox"] = sandbox
    # The documented way to wrap an application; only mypy takes it for a method.
    app.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
        app.wsgi_app, {MOUNT: sandbox}
    )
    return MountedSandbox(partial(call, sandbox), *keys)
