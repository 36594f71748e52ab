"""The project's own source as the rules see it: modules, what they import, where they stand."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "shop"
SANDBOXES = ROOT / "sandboxes"

CHAIN = (
    "checkout",
    "orders",
    "cart",
    "coupons",
    "delivery",
    "customers",
    "catalog",
    "search",
    "stock",
)
BASE = frozenset(
    {"pricing", "sales", "settings", "media", "mail", "pages", "contact"}
)  # below all features
TOP = frozenset({"admin", "seed", "api", "audit", "operations", "styleguide"})  # above all
# What lies below everything, and which of the others each may import.
FOUNDATION: dict[str, frozenset[str]] = {
    "core": frozenset(),
    "models": frozenset({"core"}),
    "shared": frozenset({"core", "models"}),
    "web": frozenset({"core", "models", "shared"}),
    "payments": frozenset({"core", "web", "sandboxes"}),
    "jobs": frozenset({"core", "models", "shared"}),
    "sandboxes": frozenset(),
}
LOOSE = frozenset({"shop/__init__.py", "shop/command_line.py", "shop/command_errors.py"})
ARROWS = {
    **{name: frozenset(CHAIN[place + 1 :]) for place, name in enumerate(CHAIN)},
    "reviews": frozenset(CHAIN[1:]),
    "documents": frozenset(CHAIN[1:]),
    "auth": frozenset(CHAIN[2:]),
    "account": frozenset(CHAIN[1:]) | {"auth"},
}
FEATURES = frozenset(ARROWS)
LEAVES = ("routes", "commands", "handlers")
WEB = (*LEAVES, "forms")


@dataclass(frozen=True)
class Module:
    """A file of ours, by its place below the project's root."""

    path: Path

    @property
    def name(self) -> str:
        """The place, as shown and as named in allow-lists."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def dotted(self) -> str:
        """The name under which others import it."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def folder(self) -> str:
        """The folder directly below shop/, "" for a module of shop/ itself; or "sandboxes"."""
        top, *parts = self.path.relative_to(ROOT).parts
        if top != "shop":
            return top
        return parts[0] if len(parts) > 1 else ""

    @property
    def layer(self) -> str:
        """The kind of module: "routes" for routes.py, site_routes.py and routes/pages.py."""
        inner = self.path.relative_to(ROOT).with_suffix("").parts[2:]
        for part in reversed(inner):
            for layer in WEB:
                if part == layer or part.endswith(f"_{layer}"):
                    return layer
        return "pure"

    @cached_property
    def text(self) -> str:
        """The source as it is written."""
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed source."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the source, in no particular order."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """The full dotted name of everything imported, also inside functions."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[str]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}: relative import"
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def modules(*folders: Path) -> tuple[Module, ...]:
    """Return every module below `folders`, without any those of the product; each parsed once."""
    found = [path for folder in folders or (SHOP, SANDBOXES) for path in folder.rglob("*.py")]
    return tuple(Module(path) for path in sorted(found))


def made_up(place: str, source: str) -> Module:
    """Return a module that is not there, to see whether a rule finds what is wrong with it."""
    module = Module(ROOT / place)
    module.__dict__["text"] = source  # where cached_property looks
    return module


@cache
def target_of(dotted: str) -> Module | None:
    """Return the module of ours that an imported name comes from."""
    parts = dotted.split(".")
    if parts[0] not in {"shop", "sandboxes"}:
        return None
    for size in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:size])
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                return Module(path)
    return None
