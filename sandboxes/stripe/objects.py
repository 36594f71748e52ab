"""Objects with every property of their shape: null where nothing was said.

So ``session.shipping_cost`` and the like never raise AttributeError in the official library.
"""

from typing import Any

from sandboxes.stripe.contract import Json, load

# The official library crashes on null in a hash of hashes; Stripe leaves such properties out.
LEFT_OUT = 2


class IncompleteObject(Exception):
    """The sandbox built an object without a value that may not be null: its own mistake."""


def build(kind: str, **values: Any) -> Json:
    """An object of ``kind`` with all properties.

    ``values`` are given as Stripe names them; hashes inside are completed as well. Raises
    IncompleteObject when a property that cannot be null is missing, or one is not in the contract.
    """
    shape = load().objects[kind]
    given = {"object": kind, "livemode": False, **values}
    if "livemode" not in shape:
        del given["livemode"]
    return _complete(given, shape, kind)


def completed(body: Json) -> Json:
    """The object after a change, with every property of hashes that were put into it."""
    return build(body["object"], **{key: body[key] for key in body if key != "object"})


def deleted(kind: str, object_id: str) -> Json:
    """What a DELETE answers."""
    return {"id": object_id, "object": kind, "deleted": True}


def list_object(url: str, data: list[Json], *, has_more: bool) -> Json:
    """A page of a list."""
    return {"object": "list", "url": url, "has_more": has_more, "data": data}


def search_result(url: str, data: list[Json], *, total: int) -> Json:
    """A page of search results; the sandbox gives all in one page."""
    return {
        "object": "search_result",
        "url": url,
        "has_more": False,
        "next_page": None,
        "total_count": total,
        "data": data,
    }


def _complete(given: Json, shape: Json, where: str) -> Json:
    unknown = given.keys() - shape.keys()
    if unknown:
        raise IncompleteObject(f"{where}: {sorted(unknown)} are not in the contract")
    return {
        name: _part(given, name, part, where)
        for name, part in shape.items()
        if given.get(name) is not None or _when_absent(part) != LEFT_OUT
    }


def _part(given: Json, name: str, part: Any, where: str) -> Any:
    value = given.get(name)
    if value is None:
        if not _when_absent(part):
            raise IncompleteObject(f"{where}.{name} needs a value")
        return None
    return _inner(value, part, f"{where}.{name}")


def _when_absent(part: Any) -> int:
    """0 = it may not be, 1 = null, LEFT_OUT = no property at all."""
    return part if isinstance(part, int) else int(part.get("n", 0))


def _inner(value: Any, part: Any, where: str) -> Any:
    if isinstance(part, int):
        return value
    if "o" in part:
        return _complete(value, part["o"], where)
    if "a" in part and isinstance(value, list):
        return [_inner(one, part["a"], f"{where}[]") for one in value]
    return value
