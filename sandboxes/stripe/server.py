"""The sandbox on a socket of its own, for people who want to watch requests."""

import dataclasses
import ipaddress
import logging
import threading

from werkzeug.serving import run_simple

from sandboxes.stripe.app import SandboxApp
from sandboxes.stripe.config import SandboxConfig, UnsafeSandbox
from sandboxes.stripe.control import Sandbox

TICK_SECONDS = 1.0

log = logging.getLogger(__name__)


def serve(
    config: SandboxConfig, host: str = "127.0.0.1", port: int = 12111, *, anywhere: bool = False
) -> None:
    """Serve until interrupted; point the library's ``base_addresses`` at it.

    Events go to ``config.shop_url`` over the network each second. Raises UnsafeSandbox when
    ``host`` is no loopback address and ``anywhere`` is not set, and when ``shop_url`` is missing.
    """
    if not anywhere and not _is_loopback(host):
        raise UnsafeSandbox(
            f"The sandbox listens on this machine only, not on {host}. "
            "Say --anywhere if others are meant to reach it."
        )
    if not config.shop_url:
        raise UnsafeSandbox("The stand-alone sandbox needs the shop's address (SITE_URL).")
    shown = f"[{host}]" if ":" in host else host
    public_url = config.public_url or f"http://{shown}:{port}"
    app = SandboxApp(dataclasses.replace(config, public_url=public_url))
    stop = threading.Event()
    ticker = threading.Thread(target=_tick, args=(app.sandbox, stop), daemon=True)
    ticker.start()
    log.info("Stripe sandbox on %s", public_url)
    try:
        run_simple(host, port, app, threaded=True)
    finally:
        stop.set()
        ticker.join()


def _tick(sandbox: Sandbox, stop: threading.Event) -> None:
    """Let time pass and deliver, until told to stop; trouble in one tick does not end the next."""
    while not stop.wait(TICK_SECONDS):
        try:
            sandbox.deliver_due()
        except Exception:
            log.exception("sandbox tick failed")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
