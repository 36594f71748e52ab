"""`flask staff`: give and take roles. There is no default account."""

import click
from flask.cli import with_appcontext

from shop.auth.services import ensure_role, hand_role, reset_second_factor
from shop.core.errors import BadInput, ShopError


@click.command("add-role")
@click.argument("role")
@click.argument("permissions", nargs=-1, required=True)
@with_appcontext
def add_role_command(role: str, permissions: tuple[str, ...]) -> None:
    """Make the role ROLE that allows PERMISSIONS, such as orders.view orders.ship."""
    try:
        ensure_role(role.strip(), list(permissions))
    except ShopError as error:
        raise click.ClickException(_said(error)) from error
    click.echo(f"{role.strip()} allows {', '.join(sorted(set(permissions)))}.")


@click.command("give")
@click.argument("email")
@click.argument("role")
@with_appcontext
def give_command(email: str, role: str) -> None:
    """Give the account EMAIL the role ROLE, in place of the one it has.

    Its sessions end: whoever it is signs in anew.
    """
    try:
        hand_role(email, role)
    except ShopError as error:
        raise click.ClickException(_said(error)) from error
    click.echo(f"{email} now has the role {role}. Staff work at /admin/.")


@click.command("take")
@click.argument("email")
@with_appcontext
def take_command(email: str) -> None:
    """Take the role from the account EMAIL, which is a customer's again."""
    try:
        hand_role(email, None)
    except ShopError as error:
        raise click.ClickException(_said(error)) from error
    click.echo(f"{email} has no role any more.")


@click.command("reset-second-factor")
@click.argument("email")
@with_appcontext
def reset_second_factor_command(email: str) -> None:
    """Let the account EMAIL sign in with its password alone, as when the app is lost.

    Its recovery codes and sessions end, and its owner is told by mail.
    """
    try:
        reset_second_factor(email)
    except ShopError as error:
        raise click.ClickException(_said(error)) from error
    click.echo(f"{email} signs in with the password alone, until it is set up anew.")


def _said(error: ShopError) -> str:
    fields = error.fields.values() if isinstance(error, BadInput) else ()
    return "\n".join(fields) or str(error)
