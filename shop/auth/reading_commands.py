"""`flask staff list`, `flask staff roles`: who works here, with which role."""

import click
from flask.cli import with_appcontext

from shop.auth.permissions import DESKS
from shop.auth.reading import read_roles, read_staff
from shop.core.config import config


@click.command("list")
@with_appcontext
def list_command() -> None:
    """Show who has which role."""
    members = read_staff(config().database_url)
    if not members:
        click.echo("Nobody yet. Begin with: flask create-admin you@example.com")
    for member in members:
        state = "" if member.is_active else " · disabled"
        click.echo(f"{member.email} · {member.role}{state}")


@click.command("roles")
@with_appcontext
def roles_command() -> None:
    """Show the roles and what they allow; the permissions that there are."""
    for role in read_roles(config().database_url):
        allowed = "everything" if role.is_owner else ", ".join(role.permissions) or "nothing"
        click.echo(f"{role.name}: {allowed}")
    click.echo("\nPermissions:")
    for name, text in (pair for desk in DESKS.values() for pair in desk.items()):
        click.echo(f"  {name:16} {text}")
