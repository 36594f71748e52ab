"""Lists with cursors and filters, newest first."""

from collections.abc import Callable
from typing import Any

from sandboxes.stripe.call import Call
from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.objects import list_object
from sandboxes.stripe.store import Row

COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
CURSORS = ("starting_after", "ending_before")


def list_rows(
    call: Call,
    kind: str,
    *,
    columns: tuple[str, ...] = (),
    json_fields: dict[str, str] | None = None,
    where: tuple[str, list[Any]] = ("1", []),
    render: Callable[[Row], Json] = lambda row: row.body,
) -> Json:
    """A page of the objects of ``kind``.

    ``columns`` are parameters that equal a column, ``json_fields`` parameter → path inside the
    body, ``where`` a further condition. Raises ApiError for a bad limit or cursor.
    """
    conditions, values = [where[0]], list(where[1])
    for name in columns:
        if name in call.params:
            conditions.append(f"{name} = ?")
            values.append(call.params[name])
    for name, path in (json_fields or {}).items():
        if name in call.params:
            conditions.append(f"json_extract(body, '{path}') = ?")
            values.append(call.params[name])
    _created(call.params.get("created"), conditions, values)
    rows, has_more = _page(call, kind, conditions, values)
    return list_object(call.path, [render(row) for row in rows], has_more=has_more)


def slice_items(call: Call, items: list[Json]) -> Json:
    """A page of a list that is kept inside an object (line items), in its own order."""
    limit, start, end = page_limit(call.params), 0, len(items)
    ids = [item["id"] for item in items]
    after, before = (call.params.get(name) for name in CURSORS)
    if after is not None:
        start = _index(ids, after, "starting_after") + 1
    if before is not None:
        end = _index(ids, before, "ending_before")
        start = max(start, end - limit)
    chosen = items[start : min(end, start + limit)]
    has_more = start > 0 if before is not None else start + limit < end
    return list_object(call.path, chosen, has_more=has_more)


def page_limit(params: Json) -> int:
    """``limit`` of a list request: 1 to 100, 10 unless given; raises ApiError."""
    limit = int(params.get("limit", 10))
    if limit < 1:
        raise _bad_limit(f"This value must be greater than or equal to 1 (it was {limit}).")
    if limit > 100:
        raise _bad_limit(f"This value must be less than or equal to 100 (it was {limit}).")
    return limit


def _bad_limit(message: str) -> ApiError:
    return invalid("limit", message, "parameter_invalid_integer")


def _created(value: Any, conditions: list[str], values: list[Any]) -> None:
    if value is None:
        return
    if isinstance(value, int):
        value = {"gte": value, "lte": value}
    for name, number in value.items():
        conditions.append(f"created {COMPARISONS[name]} ?")
        values.append(number)


def _page(
    call: Call, kind: str, conditions: list[str], values: list[Any]
) -> tuple[list[Row], bool]:
    limit = page_limit(call.params)
    after, before = (call.params.get(name) for name in CURSORS)
    if after is not None and before is not None:
        raise ApiError(
            "You may only specify one of these parameters: starting_after, ending_before."
        )
    if after is not None:
        conditions.append("seq < ?")
        values.append(call.tx.get(kind, after, "starting_after").seq)
    if before is not None:
        conditions.append("seq > ?")
        values.append(call.tx.get(kind, before, "ending_before").seq)
    rows = call.tx.select(
        kind,
        " AND ".join(conditions),
        *values,
        limit=limit + 1,
        oldest_first=before is not None,
    )
    page = rows[:limit]
    return (page[::-1] if before is not None else page), len(rows) > limit


def _index(ids: list[str], wanted: str, param: str) -> int:
    if wanted not in ids:
        raise invalid(param, f"No such item: '{wanted}'", "resource_missing")
    return ids.index(wanted)
