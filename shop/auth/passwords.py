"""Passwords: which may be chosen, how they are kept, how one is checked.

Rules after NIST SP 800-63B: length and what is guessed first, no arbitrary composition; how many
guesses one takes is estimated by zxcvbn. Parameters of argon2id after the OWASP password storage
cheat sheet.
"""

import re
import secrets
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shop.core.errors import BadInput

SHORTEST: Final = 8
LONGEST: Final = 128  # characters
GUESSABLE: Final = "This password is among the first to be guessed. Choose another."
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_WORST: Final = Path(__file__).with_name("worst_passwords.txt")
_FEW: Final = 6  # guesses as a power of ten: what takes fewer is tried by those who only try
# The beginning is enough, for what follows makes nothing easier to guess, and the time of an
# estimate grows with the square of the length: 0.1 s for the worst forty characters.
_READ: Final = 40


def check_new_password(password: str, *known: str) -> str:
    """Return the password in the form in which it is hashed.

    `known`: what anybody may know of the person, such as the e-mail address. Raises BadInput,
    field `password`, for fewer than 8 or more than 128 characters and for what is guessed first.
    """
    plain = _normalised(password)
    if len(plain) < SHORTEST:
        raise BadInput(password=f"Use at least {SHORTEST} characters.")
    if len(plain) > LONGEST:
        raise BadInput(password=f"Use at most {LONGEST} characters.")
    if is_guessable_password(plain, *known):
        raise BadInput(password=GUESSABLE)
    return plain


def is_guessable_password(password: str, *known: str) -> bool:
    """Return whether somebody who knows `known` has tried a password after a million guesses."""
    from zxcvbn_rs_py import zxcvbn  # only those who choose a password pay for its dictionaries

    words = sorted({part for text in known for part in _parts(text)})
    return zxcvbn(password[:_READ], [*words, *_worst()]).guesses_log10 < _FEW


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password; takes 20 to 50 ms: never inside a transaction."""
    return _HASHER.hash(_normalised(password))


def matches(stored: str | None, password: str) -> bool:
    """Return whether `password` belongs to the hash `stored`.

    Without a stored hash the same work is done for nothing, so that the time taken does not tell
    whether an account exists.
    """
    plain = _normalised(password)
    is_possible = stored is not None and len(plain) <= LONGEST
    try:
        _HASHER.verify(stored if stored and is_possible else _nobody(), plain[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return is_possible


def needs_rehash(stored: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def _normalised(password: str) -> str:
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST])


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _HASHER.hash(secrets.token_hex(16))


@lru_cache(maxsize=1)
def _worst() -> tuple[str, ...]:
    lines = _WORST.read_text(encoding="utf-8").splitlines()
    return tuple(word for line in lines if not line.startswith("#") for word in line.split())


def _parts(text: str) -> set[str]:
    folded = text.casefold().strip()
    words = {folded, folded.split("@")[0], *re.split(r"[\W_]+", folded)}
    return {word for word in words if len(word) >= 4}
