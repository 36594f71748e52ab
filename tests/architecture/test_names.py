"""One name, one thing: whoever meets a function or class knows which one it is."""

import ast
from collections import defaultdict
from collections.abc import Iterable

from tests.architecture.source import LEAVES, SHOP, Module, made_up, modules


def public_names(module: Module) -> set[str]:
    """Return the functions and classes of a module that others can import."""
    made = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    found = {node.name for node in module.tree.body if isinstance(node, made)}
    return {name for name in found if not name.startswith("_")}


def told_twice(among: Iterable[Module]) -> dict[str, list[str]]:
    """Return the names of two things, and where each is.

    Views, commands and jobs are imported by nobody and known by other names (endpoint, command,
    job): they are called after what they do, as their services may be.
    """
    places = defaultdict(list)
    for module in among:
        for name in public_names(module) if module.layer not in LEAVES else ():
            places[name].append(module.name)
    return {name: found for name, found in places.items() if len(found) > 1}


def test_no_two_things_have_one_name() -> None:
    assert told_twice(modules(SHOP)) == {}


def test_a_second_thing_of_a_name_is_seen() -> None:
    source = "def draw(): ...\n\nclass Prize: ...\n\ndef _log(): ..."
    first, second = made_up("shop/cart/draw.py", source), made_up("shop/stock/draw.py", source)
    both = [first.name, second.name]
    assert told_twice([first, second]) == {"draw": both, "Prize": both}
    assert told_twice([first, made_up("shop/cart/routes.py", source)]) == {}
