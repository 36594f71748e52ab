"""Codes beside a password: those of an app (TOTP, RFC 6238), and those for who has lost it.

The secret of an app follows from a seed in the database and the SECRET_KEY (RFC 4226, 7.5): who
reads the database alone can make no code.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Final

from shop.core.config import config

STEP: Final = 30  # seconds
DRIFT: Final = 1  # steps that an app's clock may be early or late
RECOVERY_CODES: Final = 10
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else


def make_seed() -> str:
    """Return a new seed."""
    return secrets.token_urlsafe(24)


def secret_of(user_id: int, seed: str) -> str:
    """Return the secret for an app in base32: 160 bits, as RFC 4226 asks."""
    content = f"second-factor|{user_id}|{seed}".encode()
    digest = hmac.new(config().secret_key.encode(), content, hashlib.sha256).digest()
    return base64.b32encode(digest[:20]).decode()


def setup_uri(secret: str, email: str, shop_name: str) -> str:
    """Return what the QR code of an app says."""
    import pyotp  # only those who set it up or sign in with a code pay for it

    return str(pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=shop_name))


def draw_qr_code(text: str, title: str) -> str:
    """Return a QR code as SVG, dark on light in every theme, since scanners ask for that."""
    import segno  # only those who set it up pay for it

    made = segno.make(text, error="m", micro=False)
    return str(made.svg_inline(scale=5, border=4, dark="#000", light="#fff", title=title))


def matching_step(secret: str, code: str, at: int) -> int | None:
    """Return the time step whose code this is, None for none. `at`: seconds since 1970."""
    import pyotp

    totp = pyotp.TOTP(secret)
    for step in range(at // STEP - DRIFT, at // STEP + DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def make_recovery_codes() -> list[str]:
    """Return new recovery codes, as they are shown: three groups of four, 59 bits."""
    return ["-".join(_four_letters() for _ in range(3)) for _ in range(RECOVERY_CODES)]


def _four_letters() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(4))


def hash_recovery_code(user_id: int, code: str) -> str:
    """Return the hash of a code as it is kept; case, spaces and hyphens do not count."""
    plain = "".join(sign for sign in code.casefold() if sign.isalnum())
    return hashlib.sha256(f"{user_id}|{plain}".encode()).hexdigest()
