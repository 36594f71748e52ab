"""`flask sandbox run`: the sandbox as a server of its own, for watching its requests."""

import dataclasses

import click
from flask import current_app
from flask.cli import with_appcontext

from shop.core.config import config
from shop.web.public_url import public_url


@click.command("run")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=12111, show_default=True)
@click.option("--anywhere", is_flag=True, help="Allow another address than loopback.")
@with_appcontext
def run_command(host: str, port: int, *, anywhere: bool) -> None:
    """Serve the sandbox on its own port, on the rows of this installation's sandbox."""
    from sandboxes.stripe.server import serve

    if not config().uses_sandbox:
        raise click.ClickException("STRIPE_SECRET_KEY is set: remove it to use the sandbox.")
    mounted = current_app.extensions["sandbox"].sandbox.config
    click.echo(
        f"Sandbox on http://{host}:{port}, key {mounted.secret_key[:20]}…, for {public_url()}"
    )
    serve(dataclasses.replace(mounted, shop_url=public_url()), host, port, anywhere=anywhere)
