"""`flask sandbox run`: the sandbox as a server of its own, for watching its requests."""

import click
from flask.cli import with_appcontext

from shop.config import config, public_url


@click.group("sandbox")
def sandbox_group() -> None:
    """The Stripe-compatible sandbox."""


@sandbox_group.command("run")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=12111, show_default=True)
@click.option("--anywhere", is_flag=True, help="Allow another address than loopback.")
@with_appcontext
def run_command(host: str, port: int, *, anywhere: bool) -> None:
    """Serve the sandbox on its own port, on the rows of this installation's sandbox."""
    from shop.sandbox import SandboxConfig, load_or_create_keys
    from shop.sandbox.server import serve

    settings = config()
    if not settings.uses_sandbox:
        raise click.ClickException("STRIPE_SECRET_KEY is set: remove it to use the sandbox.")
    secret_key, webhook_secret = load_or_create_keys(settings.instance_path)
    click.echo(f"Sandbox on http://{host}:{port}, key {secret_key[:20]}…, for {public_url()}")
    serve(
        SandboxConfig(
            database=settings.instance_path / "sandbox.sqlite3",
            secret_key=secret_key,
            webhook_secret=webhook_secret,
            shop_name="Maison Flux",
            shop_url=public_url(),
            control=settings.sandbox_control,
            demo=settings.sandbox_demo,
        ),
        host,
        port,
        anywhere=anywhere,
    )


COMMANDS = (sandbox_group,)
