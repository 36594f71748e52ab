"""`flask audit`."""

import click
from flask.cli import with_appcontext

from shop.audit.provider import audit_provider
from shop.audit.registry import CHECKS
from shop.audit.services import audit
from shop.payments.errors import PaymentUnavailable


@click.command("audit")
@click.option("--stripe", is_flag=True, help="Also ask the payment service.")
@click.option("--days", default=30, show_default=True, help="How far back to ask it.")
@with_appcontext
def audit_command(stripe: bool, days: int) -> None:
    """Recompute every invariant from the rows; print what differs, exit with 1 on anything."""
    found = audit()
    if stripe:
        try:
            found += audit_provider(days)
        except PaymentUnavailable as error:
            raise click.ClickException(f"The payment service did not answer: {error}") from error
    for difference in found:
        click.echo(str(difference))
    if found:
        raise click.exceptions.Exit(1)
    click.echo(f"All is right: {len(CHECKS) + 1} checks, no difference.")
