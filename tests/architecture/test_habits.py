"""One place for each thing that goes wrong when it is everywhere."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.architecture.source import ROOT, SANDBOXES, SHOP, Module, made_up, modules

TEMPLATES = sorted(
    path
    for folder in (SHOP, SANDBOXES)
    for path in (*folder.rglob("*.html"), *folder.rglob("*.txt"))
    if "templates" in path.parts and "static" not in path.parts
)
# Text that is markup already, and who vouches for it.
MARKUP: dict[str, str] = {
    "shop/account/second_factor_routes.py": "a QR code, drawn by segno",
    "shop/auth/routes.py": "a flash message with a link, built by Markup.format, which escapes",
    "shop/catalog/context.py": "pieces of pages that our own templates have rendered",
    "shop/mail/words.py": "texts that `markdown.py` has cleaned, filled with escaped values",
    "shop/pages/markdown.py": "texts that the allow-list has cleaned, now or when they were kept",
    "shop/settings/maintenance.py": "a line for staff, built by Markup.format, which escapes",
    "shop/web/forms.py": "an option, both of whose parts it has escaped",
    "shop/web/fragments.py": "cards and parts of pages that our own templates have rendered",
    "shop/web/holes.py": "holes: built by Markup.format, which escapes, and our own templates",
    "shop/web/templating.py": "icons and times: built by Markup.format, which escapes",
}

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


def moves_payment(node: ast.AST) -> str | None:
    """Find what writes an order's payment status, by a statement, its values or an assignment."""
    if isinstance(node, ast.Call):
        is_made = ast.unparse(node.func) in {"move_payment", "Order"}
        names = () if is_made else (word.arg for word in node.keywords)
        return "payment_status" if "payment_status" in names else None
    if isinstance(node, ast.Dict):
        keys = (key.value for key in node.keys if isinstance(key, ast.Constant))
        return "payment_status" if "payment_status" in keys else None
    return _assigned(node, "payment_status")


def moves_attempt(node: ast.AST) -> str | None:
    """Find what writes the state of an attempt, as `moves_payment` does.

    A statement may not have values that are not named: nobody sees what they are.
    """
    if isinstance(node, ast.Call):
        is_update = "update(CheckoutAttempt)" in ast.unparse(node.func)
        is_written = any(word.arg in {"state", None} for word in node.keywords)
        return "CheckoutAttempt.state" if is_update and is_written else None
    found = _assigned(node, "state")
    return found if found and "attempt" in found else None


def _assigned(node: ast.AST, name: str) -> str | None:
    """Return the attribute `name` to which something is assigned here, with whose it is."""
    is_written = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    return ast.unparse(node) if is_written and node.attr == name else None  # type: ignore[attr-defined]


MOVES = "shop/orders/payment/moves.py"
# What has one place in the shop, how it is found, and a line that is found elsewhere. The sandbox
# could be another company's: it has its own.
ONE_PLACE: dict[str, tuple[Find, str, str]] = {
    "commit": (commits, "shop/core/db.py", "session.commit()"),
    "rollback": (commits, "shop/core/db.py", "db.session.rollback()"),
    "environment": (environment, "shop/core/config.py", "os.environ['HOME']"),
    "environment, by name": (environment, "shop/core/config.py", "from os import getenv"),
    "time": (time, "shop/core/clock.py", "datetime.now(UTC)"),
    "time, by module": (time, "shop/core/clock.py", "import time"),
    "time, by name": (time, "shop/core/clock.py", "from time import sleep"),
    "Model.query": (query, "nowhere", "Order.query.all()"),
    "client address": (client_address, "shop/web/client_address.py", "request.remote_addr"),
    "payment status": (moves_payment, MOVES, "order.payment_status = PaymentStatus.PAID"),
    "payment status, by values": (
        moves_payment, MOVES, "update(Order).values(payment_status='paid')",
    ),
    "payment status, by a dict": (moves_payment, MOVES, "values = {'payment_status': 'paid'}"),
    "state of attempts": (moves_attempt, MOVES, "attempt.state = AttemptState.OPEN"),
    "state of attempts, by values": (
        moves_attempt, MOVES, "update(CheckoutAttempt).where(mine).values(state='open')",
    ),
    "state of attempts, by a dict": (
        moves_attempt, MOVES, "update(CheckoutAttempt).values(**values)",
    ),
    "redirect": (redirects, "shop/web/responses.py", "from flask import redirect"),
}  # fmt: skip


def out_of_place(module: Module, what: Find, place: str) -> list[str]:
    """Return where `module` does itself what has its one place elsewhere."""
    if module.name == place or module.name.startswith("sandboxes/"):
        return []
    return [
        f"{module.name}:{getattr(node, 'lineno', 0)} {name}"
        for node in module.nodes
        if (name := what(node)) and not is_sql_now(node)
    ]


def test_there_is_one_place_for_it() -> None:
    rules = {(what, place) for what, place, _ in ONE_PLACE.values()}
    assert [
        line for module in modules() for rule in rules for line in out_of_place(module, *rule)
    ] == []


def test_a_second_place_is_seen() -> None:
    for name, (what, place, line) in ONE_PLACE.items():
        assert out_of_place(made_up("shop/cart/queries.py", line), what, place), name


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


def silent(module: Module) -> list[str]:
    """Return what others may use of `module` and cannot read about."""
    found = [
        f"{module.name}:{node.name}"
        for node in public_functions(module)
        if not ast.get_docstring(node) and not overloads(node)
    ]
    says = ast.get_docstring(module.tree) or not module.tree.body
    return found if says else [*found, f"{module.name} says not what it is for"]


def test_what_others_may_use_says_what_it_does() -> None:
    assert [line for module in modules() for line in silent(module)] == []


def test_silence_is_seen() -> None:
    source = "class A:\n    def f(self): ...\n    def _f(self): ...\ndef g():\n    '''G.'''\n"
    module = made_up("shop/cart/queries.py", source)
    assert silent(module) == [
        "shop/cart/queries.py:f", "shop/cart/queries.py says not what it is for",
    ]  # fmt: skip


def fragile(module: Module) -> list[str]:
    """Return the handlers of refusals that would answer 500 where their own page is not there."""
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef):
            marks = {ast.unparse(mark).split("(")[0] for mark in node.decorator_list}
            if "blueprint.errorhandler" in marks and "or_not_found" not in marks:
                found.append(f"{module.name}: {node.name}")
    return found


def test_a_desk_without_the_page_of_its_refusal_says_so() -> None:
    desks = [module for module in modules() if module.name.startswith("shop/admin/")]
    assert [name for module in desks for name in fragile(module)] == []


def test_a_fragile_handler_is_seen() -> None:
    handler = "@blueprint.errorhandler(BadInput)\ndef refuse(error): return _page()"
    assert len(fragile(made_up("shop/admin/x/routes.py", handler))) == 1
    assert (
        fragile(made_up("shop/admin/x/routes.py", handler.replace("\n", "\n@or_not_found\n"))) == []
    )


def test_markup_is_made_in_known_places_alone() -> None:
    makers = {
        module.name
        for module in modules()
        if "Markup(" in module.text and "markupsafe" in module.text
    }
    assert makers - MARKUP.keys() == set()
    assert MARKUP.keys() - makers == set()


# What no template may hold, and a line of each that is found.
FORBIDDEN: dict[str, tuple[str, str]] = {
    "inline style": (r"\sstyle\s*=", '<p STYLE="color: red">'),
    "style element": (r"<style\b", "<style>p {}</style>"),
    "inline script": (
        r"<script\b(?![^>]*\bsrc=)(?![^>]*application/ld\+json)", "<script>go()</script>",
    ),
    "event attribute": (r"\son[a-z]+\s*=\s*[\"']", "<a href='#' onclick='go()'>"),
    "hx-on": (r"\shx-on", '<a hx-on:click="go()">'),
    "javascript in hx-vals": (r"hx-vals=[\"']js:", "<a hx-vals='js:{}'>"),
    "javascript address": (r"javascript:", '<a href="javascript:go()">'),
    "foreign address": (
        r"(src|href)=[\"']https?://(?!checkout\.stripe\.com)", '<img src="https://evil.example/">',
    ),
    "text unescaped": (r"\|\s*safe\b|autoescape", "{{ name | safe }}"),
}  # fmt: skip


def held(text: str) -> list[str]:
    """Return what a template's text holds of what is forbidden."""
    return [what for what, (sign, _) in FORBIDDEN.items() if re.search(sign, text, re.IGNORECASE)]


def template_name(path: Path) -> str:
    """Return how a template is called in messages."""
    return path.relative_to(ROOT).as_posix()


def test_templates_hold_no_script_style_or_unescaped_text() -> None:
    found = {template_name(path): held(path.read_text()) for path in TEMPLATES}
    assert {name: what for name, what in found.items() if what} == {}


def test_whatever_is_forbidden_is_seen() -> None:
    for what, (_, line) in FORBIDDEN.items():
        assert held(line) == [what]
    assert held('<script src="/a.js"></script><script type="application/ld+json">{}</script>') == []


def without_token(text: str) -> list[str]:
    """Return the forms of a template that write and do not carry the visitor's token."""
    forms = re.findall(
        r"<form\b[^>]*method=.post.[^>]*>.*?</form>", text, re.DOTALL | re.IGNORECASE
    )
    carries = r"\b(csrf|submit|savebar)\(|hole\(\"csrf\"\)"  # the macros bring it along
    return [form[:200] for form in forms if not re.search(carries, form)]


def test_every_form_carries_its_token() -> None:
    shops = [path for path in TEMPLATES if "sandboxes" not in path.parts]
    found = {template_name(path): without_token(path.read_text()) for path in shops}
    assert {name: forms for name, forms in found.items() if forms} == {}


def test_a_form_without_its_token_is_seen() -> None:
    form = '<form class="x" method="post" action="/y"><button>Go</button></form>'
    assert without_token(form) == [form]
    assert without_token(form.replace("<button", "{{ csrf() }}<button")) == []
    assert without_token(form.replace("post", "get")) == []


def test_nothing_is_left_for_later() -> None:
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    found = [module.name for module in modules() if words.search(module.text)]
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
