"""`flask create-admin`: the first member of staff. There is no default account."""

import secrets
import sys

import click
from flask.cli import with_appcontext

from shop.auth.services import create_admin
from shop.core.errors import BadInput


@click.command("create-admin")
@click.argument("email")
@click.option("--generate", is_flag=True, help="Make a password and print it, instead of asking.")
@with_appcontext
def create_admin_command(email: str, *, generate: bool) -> None:
    """Make EMAIL an owner of the shop: a member of staff who may do everything.

    An existing account gets the new password, too, and is signed out everywhere.
    """
    is_made = generate or not sys.stdin.isatty()
    password = (
        secrets.token_urlsafe(15)
        if is_made
        else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    try:
        is_new = create_admin(email, password)
    except BadInput as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{email} {'is now' if is_new else 'has become'} an owner.")
    click.echo("Sign in at /login; staff work at /admin/.")
    if is_made:
        click.echo(f"Password: {password}")
