"""`flask send-test-mail`."""

import smtplib

import click
from flask.cli import with_appcontext

from shop.core.clock import now
from shop.core.config import config
from shop.core.errors import BadInput
from shop.mail.message import message_id, to_message
from shop.mail.messages.test_mail import make_test_mail
from shop.mail.transport import MailRefused, send


@click.command("send-test-mail")
@click.argument("address")
@with_appcontext
def send_test_mail(address: str) -> None:
    """Send a mail to ADDRESS at once, and say where it went or why it did not."""
    at, sender = now(), config().mail_from
    try:
        message = to_message(
            make_test_mail(address),
            sender=sender,
            identity=message_id(f"trial:{at}", sender),
            at=at,
        )
        where = send(message, config(), f"{at:%Y%m%d-%H%M%S}-trial")
    except BadInput as error:
        raise click.ClickException(str(error)) from error
    except (OSError, smtplib.SMTPException, MailRefused) as error:
        raise click.ClickException(f"The mail did not leave: {error}") from error
    click.echo(f"Sent to {address}: {where}")
