"""The mail of `flask send-test-mail`: proof that the settings work."""

from flask_babel import lazy_gettext as _

from shop.mail.message import Mail
from shop.mail.render import compose


def make_test_mail(to: str) -> Mail:
    """Return a mail that says that mails arrive."""
    return compose("trial", to=to, subject=_("A test mail from your shop"))
