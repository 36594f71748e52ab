"""`flask staff`: who works here, with which role. There is no default account."""

import click
from flask.cli import with_appcontext

from shop.auth.permissions import DESKS
from shop.auth.services import ensure_role, hand_role, list_roles, list_staff
from shop.errors import BadInput, ShopError


@click.command("list")
@with_appcontext
def list_command() -> None:
    """Show who has which role."""
    members = list_staff()
    if not members:
        click.echo("Nobody yet. Begin with: flask create-admin you@example.com")
    for member in members:
        state = "" if member.is_active else " · disabled"
        click.echo(f"{member.email} · {member.role}{state}")


@click.command("roles")
@with_appcontext
def roles_command() -> None:
    """Show the roles and what they allow; the permissions that there are."""
    for role in list_roles():
        allowed = "everything" if role.is_owner else ", ".join(role.permissions) or "nothing"
        click.echo(f"{role.name}: {allowed}")
    click.echo("\nPermissions:")
    for name, text in (pair for desk in DESKS.values() for pair in desk.items()):
        click.echo(f"  {name:16} {text}")


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


def _said(error: ShopError) -> str:
    fields = error.fields.values() if isinstance(error, BadInput) else ()
    return "\n".join(fields) or str(error)
