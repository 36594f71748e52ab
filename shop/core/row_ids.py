"""Ids of rows as forms and addresses carry them. Pure."""

import re


def parse_id(text: str | None) -> int:
    """Return a row's id from a form, or 0, which no row has, for anything else."""
    if text is None or not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII):
        return 0
    number = int(text)
    return number if number < 2**31 else 0
