"""What a list was asked for, as the part of an address behind the question mark. Pure."""

from collections.abc import Mapping
from urllib.parse import urlencode


def query_string(values: Mapping[str, object]) -> str:
    """Return the values that are not empty as `?name=value&…`; "" where there is none."""
    kept = {name: str(value) for name, value in values.items() if value}
    return f"?{urlencode(kept)}" if kept else ""
