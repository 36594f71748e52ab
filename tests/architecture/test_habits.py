"""One place for each thing that goes wrong when it is everywhere."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, SHOP, Module, modules

TEMPLATES = sorted(
    path
    for path in (*SHOP.rglob("*.html"), *SHOP.rglob("*.txt"))
    if "templates" in path.parts and "static" not in path.parts
)
# Text that is markup already, and who vouches for it.
MARKUP: dict[str, str] = {
    "shop/auth/routes.py": "a flash message with a link, built by Markup.format, which escapes",
    "shop/catalog/context.py": "pieces of pages that our own templates have rendered",
    "shop/parts.py": "cards and parts of pages that our own templates have rendered",
    "shop/templating.py": "icons, times and holes: built by Markup.format, which escapes",
}
SAFE: dict[str, str] = {}

Find = Callable[[ast.AST], str | None]


def commits(node: ast.AST) -> str | None:
    """Find `….commit()` and `….rollback()`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr if node.func.attr in {"commit", "rollback"} else None
    return None


def environment(node: ast.AST) -> str | None:
    """Find `os.environ` and `os.getenv`."""
    is_os = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    if is_os and node.value.id == "os" and node.attr in {"environ", "getenv", "environb"}:  # type: ignore[attr-defined]
        return str(node.attr)  # type: ignore[attr-defined]
    if isinstance(node, ast.ImportFrom) and node.module == "os":
        return next((a.name for a in node.names if a.name in {"environ", "getenv"}), None)
    return None


def time(node: ast.AST) -> str | None:
    """Find the clocks and waits of `time` and `datetime`."""
    if isinstance(node, ast.Import):
        return next((a.name for a in node.names if a.name == "time"), None)
    if isinstance(node, ast.ImportFrom) and node.module == "time":
        return "time"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr if node.func.attr in {"now", "utcnow", "today"} else None
    return None


def query(node: ast.AST) -> str | None:
    """Find `Model.query`, the old style that Flask-SQLAlchemy leaves with."""
    if isinstance(node, ast.Attribute) and node.attr == "query":
        return "query" if isinstance(node.value, ast.Name) and node.value.id[:1].isupper() else None
    return None


def client_address(node: ast.AST) -> str | None:
    """Find `request.remote_addr` and its relatives, each a way past a limit."""
    names = {"remote_addr", "access_route"}
    return node.attr if isinstance(node, ast.Attribute) and node.attr in names else None


def redirects(node: ast.AST) -> str | None:
    """Find Flask's `redirect`, which puts what was typed into a header as it is."""
    if isinstance(node, ast.ImportFrom) and node.module in {"flask", "werkzeug.utils"}:
        return next((a.name for a in node.names if a.name == "redirect"), None)
    return None


@pytest.mark.parametrize(
    ("what", "place", "exempt"),
    [
        (commits, "shop/db.py", ("shop/sandbox/",)),
        (environment, "shop/config.py", ("shop/sandbox/",)),
        (time, "shop/clock.py", ("shop/sandbox/",)),
        (query, "nowhere", ("shop/sandbox/",)),
        (client_address, "shop/places.py", ("shop/sandbox/",)),
        (redirects, "shop/responses.py", ("shop/sandbox/",)),
    ],
    ids=["commit", "environment", "time", "Model.query", "client address", "redirect"],
)
def test_there_is_one_place_for_it(what: Find, place: str, exempt: tuple[str, ...]) -> None:
    found = [
        f"{module.name}:{getattr(node, 'lineno', 0)} {name}"
        for module in modules()
        if module.name != place and not module.name.startswith(exempt)
        for node in ast.walk(module.tree)
        if (name := what(node)) and not is_sql_now(node)
    ]
    assert found == []


def is_sql_now(node: ast.AST) -> bool:
    """Return whether this is `func.now()`: the database's clock is refused elsewhere."""
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return is_call and ast.unparse(node.func.value) in {"clock", "self.clock"}  # type: ignore[attr-defined]


def public_functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions and methods that others may call."""
    bodies = [module.tree.body]
    while bodies:
        for node in bodies.pop():
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                bodies.append(node.body)
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_function and not node.name.startswith("_"):
                yield node


def overloads(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether the function needs no words of its own."""
    names = {ast.unparse(d).split(".")[-1] for d in node.decorator_list}
    return bool(names & {"overload", "override", "setter"})


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_what_others_may_use_says_what_it_does(module: Module) -> None:
    silent = [
        node.name
        for node in public_functions(module)
        if not ast.get_docstring(node) and not overloads(node)
    ]
    assert silent == []
    assert ast.get_docstring(module.tree) or not module.tree.body, "a module says what it is for"


def test_markup_is_made_in_known_places_alone() -> None:
    makers = {
        module.name
        for module in modules()
        if "Markup(" in module.path.read_text() and "markupsafe" in module.path.read_text()
    }
    assert makers - MARKUP.keys() == set()
    assert MARKUP.keys() - makers == set()


def template_name(path: Path) -> str:
    """Return how a template is called in messages."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=template_name)
def test_templates_hold_no_script_style_or_unescaped_text(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text), "the content security policy drops inline styles"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "…and event handlers"
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)(?![^>]*application/ld\+json)", text)
    assert "javascript:" not in text
    assert "autoescape" not in text
    if "|safe" in text.replace(" ", ""):
        assert template_name(path) in SAFE


def test_every_form_carries_its_token() -> None:
    for path in TEMPLATES:
        text = path.read_text()
        for form in re.findall(
            r"<form\b[^>]*method=.post.[^>]*>.*?</form>", text, re.DOTALL | re.IGNORECASE
        ):
            if "sandbox" not in path.parts:
                carries = ("csrf", "submit(", "savebar(")  # macros that bring it along
                assert any(word in form for word in carries), f"{template_name(path)}: {form[:80]}"


def test_nothing_is_left_for_later() -> None:
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    found = [module.name for module in modules() if words.search(module.path.read_text())]
    found += [template_name(path) for path in TEMPLATES if words.search(path.read_text())]
    assert found == []


def test_tests_are_neither_skipped_nor_asleep() -> None:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        text = path.read_text()
        if path.parent.name == "architecture":
            continue
        assert "mark.skip" not in text, path
        assert "xfail" not in text, path
        assert "unittest.mock" not in text, f"{path}: nothing of ours is mocked"
