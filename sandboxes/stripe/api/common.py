"""What several endpoints share."""

from sandboxes.stripe.contract import Json


def merge_metadata(current: Json | None, change: Json | str | None) -> Json:
    """Metadata after an update: keys set to "" go, ``metadata=""`` empties all."""
    if change is None:
        return current or {}
    if isinstance(change, str):
        return {}
    merged = {**(current or {}), **change}
    return {key: value for key, value in merged.items() if value != ""}


def given(params: Json, *names: str) -> Json:
    """The named parameters that were sent; "" means null."""
    return {name: params[name] if params[name] != "" else None for name in names if name in params}


def changed(before: Json, after: Json) -> Json:
    """``previous_attributes`` of an update event."""
    return {name: before[name] for name in before if before[name] != after.get(name)}
