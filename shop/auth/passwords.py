"""Passwords: which may be chosen, how they are kept, how one is checked.

Rules after NIST SP 800-63B: length and a list of the worst, no arbitrary composition; parameters
of argon2id after the OWASP password storage cheat sheet.
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
_LOOKALIKES: Final = str.maketrans("@4831!0$57", "aabeiiosst")
_RUNS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "qsdfghjklm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
)


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
    if is_guessable(plain, *known):
        raise BadInput(password=GUESSABLE)
    return plain


def is_guessable(password: str, *known: str) -> bool:
    """Return whether a password is one of the worst, or made by their simplest patterns."""
    folded = password.casefold()
    if len(set(folded)) < 4 or _is_repeated(folded) or _is_run(folded) or _is_date(folded):
        return True
    personal = {part for text in known for part in _parts(text)}
    # "Dragon2024!" and "dr4gon" are dragon; a longer tail is the person's own.
    core = re.sub(r"^[\d\W_]{0,2}|[\d\W_]{0,5}$", "", folded)
    return any(
        word in _worst() or word in personal
        for word in (folded, core, core.translate(_LOOKALIKES), folded.translate(_LOOKALIKES))
    )


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
def _worst() -> frozenset[str]:
    lines = _WORST.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _parts(text: str) -> set[str]:
    folded = text.casefold().strip()
    words = {folded, folded.split("@")[0], *re.split(r"[\W_]+", folded)}
    return {word for word in words if len(word) >= 4}


def _is_repeated(text: str) -> bool:
    """Whether a short piece is written again and again: abcabcabc, 12121212."""
    return any(
        text == (text[:size] * (len(text) // size + 1))[: len(text)]
        for size in range(1, len(text) // 2 + 1)
        if size <= 5
    )


def _is_run(text: str) -> bool:
    """Whether the text goes along a row of keys or the alphabet, either way, once or twice."""
    rows = [row for run in _RUNS for row in (run, run[::-1])]
    half = len(text) // 2
    return any(text in row for row in rows) or (
        any(text[:half] in row for row in rows) and any(text[half:] in row for row in rows)
    )


def _is_date(text: str) -> bool:
    """Whether the digits are a day of somebody's life: 24121990, 24.12.1990, 1990-12-24."""
    digits = re.sub(r"[-./ ]", "", text)
    if not re.fullmatch(r"[0-9]{8}", digits, re.ASCII):
        return False
    return any(1900 <= int(year) <= 2040 for year in (digits[:4], digits[4:]))
