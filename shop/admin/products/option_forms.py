"""What one chooses between, as it is typed: names and values, colours like Amber #b5651d. Pure."""

import re

from werkzeug.datastructures import MultiDict

from shop.catalog.input_types import OptionFields, OptionValue
from shop.core import plaintext

_VALUE = re.compile(r"(?P<label>.*?)(?:\s+(?P<hex>#[0-9a-fA-F]{6}))?", re.DOTALL)


def read_options(form: MultiDict[str, str]) -> list[OptionFields]:
    """Return what one chooses between: names, and values one a line, colours like Amber #b5651d.

    An option without name and values is left out.
    """
    found = []
    for name, text in zip(form.getlist("option_name"), form.getlist("option_values"), strict=False):
        lines = [plaintext.line(line) for line in text.splitlines() if plaintext.line(line)]
        values = [_option_value(line) for line in lines]
        if plaintext.line(name) or values:
            found.append(OptionFields(plaintext.line(name), values))
    return found


def _option_value(line: str) -> OptionValue:
    match = _VALUE.fullmatch(line)
    if match is None or not match["label"]:
        return OptionValue(line)
    return OptionValue(match["label"], match["hex"])
