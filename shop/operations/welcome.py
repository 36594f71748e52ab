"""What a newcomer needs to know, before the shop serves."""

from typing import Final

from shop.core.config import Config
from shop.core.rows import read_rows
from shop.settings.reading import read_settings

_STAFF: Final = "SELECT count(*) FROM users WHERE role_id IS NOT NULL AND is_active"


def welcome_text(config: Config, port: int) -> str:
    """Return the addresses, the test card, where mails lie and how to become staff.

    `port`: where the shop is about to serve on this machine. Raises CannotRead.
    """
    address = config.site_url or f"http://127.0.0.1:{port}"
    lines = [
        f"{read_settings(config.database_url).name} is on {address}",
        f"Staff work at {address}/admin/",
    ]
    if not read_rows(config.database_url, _STAFF)[0][0]:
        lines.append("Make yourself staff: .venv/bin/flask create-admin you@example.com")
    if config.uses_sandbox:
        lines.append("Pay with the test card 4242 4242 4242 4242, any later date, any CVC.")
    if not config.sends_mail:
        lines.append(f"Mails are written to {config.mail_path}")
    lines.append("Something wrong? .venv/bin/flask doctor · Stop with Ctrl-C.")
    return "\n" + "\n".join(f"  {line}" for line in lines) + "\n"
