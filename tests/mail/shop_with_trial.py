"""The application with a job that sends the test mail; CLOCK_AHEAD moves its clock (seconds)."""

import os
from typing import Any

from shop import create_app
from shop.core import clock
from shop.mail import Mail, mail_job
from shop.mail.messages.test_mail import make_test_mail


@mail_job("mail.trial", "to")
def send_trial(payload: dict[str, Any]) -> Mail:
    """Send the test mail."""
    return make_test_mail(payload["to"])


clock.move(float(os.environ.get("CLOCK_AHEAD") or "0"))
app = create_app()
