"""Mails: one function a message, rendered as HTML and text, sent by jobs, kept as rows.

A feature adds one by a `@mail_job("mail.password_reset", "user_id", "nonce")` function in its
`handlers.py` that returns `compose(…)`, and a pair of templates in `templates/mail/`.
"""

from shop.mail.message import Mail
from shop.mail.render import compose, link
from shop.mail.services import mail_job

__all__ = ["Mail", "compose", "link", "mail_job"]
