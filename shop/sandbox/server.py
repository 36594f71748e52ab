"""The sandbox on a socket of its own, for people who want to watch requests."""

import dataclasses
import ipaddress
import logging

from werkzeug.serving import run_simple

from shop.sandbox.app import create_sandbox
from shop.sandbox.config import SandboxConfig, UnsafeSandbox

log = logging.getLogger(__name__)


def serve(
    config: SandboxConfig, host: str = "127.0.0.1", port: int = 12111, *, anywhere: bool = False
) -> None:
    """Serve until interrupted; point the library's ``base_addresses`` at it.

    Events go to ``config.shop_url`` over the network. Raises UnsafeSandbox when ``host`` is not a
    loopback address and ``anywhere`` is not set, and when ``shop_url`` is missing.
    """
    if not anywhere and not _is_loopback(host):
        raise UnsafeSandbox(
            f"The sandbox listens on this machine only, not on {host}. "
            "Say --anywhere if others are meant to reach it."
        )
    if not config.shop_url:
        raise UnsafeSandbox("The stand-alone sandbox needs the shop's address (SITE_URL).")
    public_url = config.public_url or f"http://{host}:{port}"
    app = create_sandbox(dataclasses.replace(config, public_url=public_url))
    log.info("Stripe sandbox on %s", public_url)
    run_simple(host, port, app, threaded=True)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
