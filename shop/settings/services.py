"""Change settings: parsed, stored, stamped, and written down with who did it."""

import secrets
from collections.abc import Mapping

from sqlalchemy import select

from shop.core.db import db, insert_new, retried, transaction
from shop.core.errors import BadInput
from shop.jobs import enqueue
from shop.models import NumberSeries, Setting
from shop.settings.kinds import Value
from shop.settings.registry import get_definition
from shop.shared.audit_log import write_audit_entry
from shop.shared.page_versions import bump_settings


@retried
def set_setting(key: str, text: str, *, user_id: int | None) -> Value:
    """Give the setting `key` the value typed as `text`; return it.

    `user_id`: who changes it, None for a command. Raises NotFound for an unknown key and BadInput
    for text that makes no sense for its kind; nothing is changed then.
    """
    return set_settings({key: text}, user_id=user_id)[key]


@retried
def set_settings(
    texts: Mapping[str, str], *, user_id: int | None, reverts_id: int | None = None
) -> dict[str, Value]:
    """Change several settings at once or none of them; return the parsed values by key.

    What does not differ from the present value leaves no trace. `reverts_id`: the entry of the
    trail that is taken back. Raises as `parse_settings`, and StaleForm where it was before.
    """
    values = parse_settings(texts)
    with transaction():
        for key in sorted(values):
            _store(key, values[key], user_id, reverts_id)
    return values


def parse_settings(texts: Mapping[str, str]) -> dict[str, Value]:
    """Return what the texts mean, by key.

    Raises NotFound for an unknown key and BadInput, whose `fields` name each wrong one.
    """
    values, problems = {}, {}
    for key, text in texts.items():
        definition = get_definition(key)
        try:
            values[key] = definition.parse(text)
        except BadInput as error:
            problems[key] = str(error)
    if problems:
        raise BadInput(**problems)
    return values


def _store(key: str, value: Value, user_id: int | None, reverts_id: int | None) -> None:
    default = get_definition(key).default
    stored = _lock(key)
    if stored is None and value != default:
        insert_new(Setting, key=key, value=default)  # or somebody else just did
        stored = _lock(key)
    if stored is None or stored.value == value:
        return
    if value:
        _check_series(key, value)
    before, stored.value = stored.value, value
    write_audit_entry(
        "settings.change",
        "setting",
        key,
        before={"value": before},
        after={"value": value},
        user_id=user_id,
        reverts_id=reverts_id,
    )
    bump_settings()
    job = get_definition(key).job
    if job:
        enqueue(job, {}, f"{job}:{key}:{secrets.token_hex(8)}")


def _check_series(key: str, value: Value) -> None:
    """Refuse a first number at or below one that was given already."""
    series = get_definition(key).series
    given = select(NumberSeries.last).where(NumberSeries.name == series)
    last = db.session.scalar(given) if series else None
    if last is not None and int(value) <= last:
        raise BadInput(**{key: f"{last} was given already. Start at {last + 1} or above."})


def _lock(key: str) -> Setting | None:
    statement = select(Setting).where(Setting.key == key).with_for_update()
    return db.session.scalar(statement.execution_options(populate_existing=True))
