"""How a mail leaves: by SMTP where MAIL_URL is set, else as a file in the instance folder."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path
from urllib.parse import unquote, urlsplit

from shop.core.config import Config

TIMEOUT = 10  # seconds for connecting, and for every answer
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class MailRefused(Exception):
    """The server will never take this mail: trying again would change nothing."""


@dataclass(frozen=True)
class MailServer:
    """MAIL_URL in parts. `is_tls`: TLS from the first byte; else STARTTLS, except on loopback."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    is_tls: bool

    @property
    def is_local(self) -> bool:
        """Whether the server runs on this machine, where TLS protects nothing."""
        return self.host in LOOPBACK


def parse_mail_url(url: str) -> MailServer:
    """Return the server in `smtp://user:password@host:port` or `smtps://…`.

    Ports by default: 465 for smtps, 587 with a user, else 25.
    """
    parts = urlsplit(url)
    is_tls = parts.scheme == "smtps"
    port = parts.port or (465 if is_tls else 587 if parts.username else 25)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.hostname or "localhost", port, user, password, is_tls)


def goes_outside(config: Config) -> bool:
    """Return whether mails leave this machine. Those of a demonstration never do."""
    return config.sends_mail


def mail_folder(config: Config) -> Path:
    """Return where mails lie that do not leave."""
    return config.mail_path


def send(message: EmailMessage, config: Config, file_name: str) -> str:
    """Send `message`, or write it to `instance/mail/<file_name>.eml`; return where it went.

    Raises MailRefused when the server refused the recipient for good; OSError and SMTPException
    for whatever may be different next time.
    """
    if not goes_outside(config):
        return str(_write(message, mail_folder(config), file_name))
    server = parse_mail_url(config.mail_url)
    try:
        with _connect(server) as smtp:
            smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        refusals = [(code, reply) for code, reply in error.recipients.values()]
        text = "; ".join(f"{code} {reply.decode(errors='replace')}" for code, reply in refusals)
        if all(code >= 500 for code, _ in refusals):
            raise MailRefused(text) from error
        raise
    except smtplib.SMTPNotSupportedError as error:
        raise MailRefused(f"the mail server cannot take this address: {error}") from error
    return f"{server.host}:{server.port}"


def check_server(config: Config) -> str:
    """Connect and log in, send nothing; return the server's name.

    Raises OSError or SMTPException when it does not let us in.
    """
    server = parse_mail_url(config.mail_url)
    with _connect(server) as smtp:
        smtp.noop()
    return f"{server.host}:{server.port}"


def takes_utf8(config: Config, timeout: int = TIMEOUT) -> bool:
    """Return whether mails may go to addresses that are not ASCII before the @ (RFC 6531).

    Files take every address. `timeout`: seconds for connecting, and for every answer. Raises
    OSError or SMTPException when the server does not let us in.
    """
    if not goes_outside(config):
        return True
    with _connect(parse_mail_url(config.mail_url), timeout) as smtp:
        return smtp.has_extn("smtputf8")


def _connect(server: MailServer, timeout: int = TIMEOUT) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.is_tls:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=timeout, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=timeout)
    try:
        _introduce(smtp, server, context)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _introduce(smtp: smtplib.SMTP, server: MailServer, context: ssl.SSLContext) -> None:
    smtp.ehlo()
    if not server.is_tls and not server.is_local and smtp.has_extn("starttls"):
        smtp.starttls(context=context)
        smtp.ehlo()
    if server.user:
        if not isinstance(smtp.sock, ssl.SSLSocket) and not server.is_local:
            raise smtplib.SMTPException(
                "The mail server offers no TLS; the password is not sent in the clear. Use smtps://."
            )
        smtp.login(server.user, server.password)


def _write(message: EmailMessage, folder: Path, name: str) -> Path:
    """Write the file in one step, so that nobody ever reads half a mail."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # letters are nobody else's
    path = folder / f"{name}.eml"
    half = path.with_suffix(".part")
    half.write_bytes(message.as_bytes(policy=SMTPUTF8))
    half.replace(path)
    return path
