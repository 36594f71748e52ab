"""Reads the `stripe` package as source text: classes, their fields, what their annotations name.

Stripe generates the package from its API's description; the annotations are that description.
"""

import ast
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Module:
    """One file: its classes, what it imports, its TypedDicts written as calls."""

    name: str
    classes: dict[str, ast.ClassDef]
    imports: dict[str, tuple[str, str]]
    called_typed_dicts: dict[str, ast.Dict]


@dataclass(frozen=True)
class Scope:
    """Where an annotation stands: its module and the classes around it, outermost first."""

    module: Module
    around: tuple[ast.ClassDef, ...] = ()

    def inside(self, cls: ast.ClassDef) -> "Scope":
        """Return the scope of the annotations in the body of `cls`."""
        if self.around and self.around[-1] is cls:
            return self
        return Scope(self.module, (*self.around, cls))


class Resource(NamedTuple):
    """A name that means an API object, such as "checkout.session"."""

    object_name: str


class Inline(NamedTuple):
    """A name that means a hash inside an object or a request."""

    cls: ast.ClassDef
    scope: Scope


@dataclass
class Package:
    """The installed package; files are read once. `homes` says where each API object is defined."""

    root: Path
    modules: dict[str, Module] = field(default_factory=dict)
    homes: dict[str, Inline] = field(default_factory=dict)

    def module(self, name: str) -> Module:
        """Return the parsed file of the module `name`."""
        if name not in self.modules:
            self.modules[name] = self._parse(name)
        return self.modules[name]

    def resolve(self, name: str, scope: Scope) -> Resource | Inline | None:
        """Return what `name` means in `scope`, or None for a name outside the package."""
        for depth in range(len(scope.around), 0, -1):
            for node in scope.around[depth - 1].body:
                if isinstance(node, ast.ClassDef) and node.name == name:
                    return Inline(node, Scope(scope.module, scope.around[:depth]))
        if name in scope.module.classes:
            return self._found(name, scope.module)
        origin, real = scope.module.imports.get(name, ("", ""))
        if not origin.startswith("stripe") or real not in self.module(origin).classes:
            return None
        return self._found(real, self.module(origin))

    def text(self, name: str) -> str:
        """Return the source of the module `name`."""
        path = self.root.joinpath(*name.split("."))
        file = path.with_suffix(".py")
        return (file if file.exists() else path / "__init__.py").read_text("utf-8")

    def _found(self, name: str, module: Module) -> Resource | Inline:
        cls = module.classes[name]
        found = Inline(cls, Scope(module))
        if object_name := _object_name(cls):
            self.homes.setdefault(object_name, found)
            return Resource(object_name)
        return found

    def _parse(self, name: str) -> Module:
        tree = ast.parse(self.text(name))
        imports = {
            alias.asname or alias.name: (node.module, alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        return Module(name, classes, imports, dict(_called_typed_dicts(tree)))


def installed() -> Package:
    """Return the `stripe` package of this environment."""
    spec = find_spec("stripe")
    assert spec is not None
    assert spec.origin is not None
    return Package(Path(spec.origin).parent.parent)


def annotated_fields(cls: ast.ClassDef, module: Module) -> list[tuple[str, ast.expr]]:
    """Return the wire names of the fields of `cls` with their annotations."""
    renamed = _renamed(cls)
    found = [
        (str(getattr(key, "value", "")), value)
        for base in cls.bases
        if isinstance(base, ast.Name) and base.id in module.called_typed_dicts
        for key, value in _pairs(module.called_typed_dicts[base.id])
    ]
    for node in cls.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
            if not name.startswith("_") and name != "OBJECT_NAME":
                found.append((name, node.annotation))
    return [(renamed.get(name, name), annotation) for name, annotation in found]


def unquoted(node: ast.expr) -> ast.expr:
    """Return an annotation with quotes taken off."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return unquoted(ast.parse(node.value, mode="eval").body)
    return node


def members(node: ast.expr) -> list[ast.expr]:
    """Return the members of a union, whichever way it is written."""
    node = unquoted(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*members(node.left), *members(node.right)]
    if generic(node) == "Union":
        return [member for argument in arguments(node) for member in members(argument)]
    return [node]


def generic(node: ast.expr) -> str:
    """Return "List" for `List[X]`, "" for what takes no arguments."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return node.value.id
    return ""


def arguments(node: ast.expr) -> list[ast.expr]:
    """Return [X, Y] for `Dict[X, Y]`."""
    assert isinstance(node, ast.Subscript)
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def literals(node: ast.expr) -> list[object]:
    """Return the values of a `Literal[...]`."""
    return [argument.value for argument in arguments(node) if isinstance(argument, ast.Constant)]


def name_of(node: ast.expr) -> str:
    """Return a plain name, or the text of anything else."""
    return node.id if isinstance(node, ast.Name) else ast.unparse(node)


def _object_name(cls: ast.ClassDef) -> str | None:
    for node in cls.body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "OBJECT_NAME":
            return str(getattr(node.value, "value", "")) or None
    return None


def never_null(cls: ast.ClassDef) -> frozenset[str]:
    """Return the fields that are left out rather than null: the library crashes on null there."""
    return frozenset(_constant(cls, "_inner_class_dicts") or ())


def _renamed(cls: ast.ClassDef) -> dict[str, str]:
    """Return the fields whose wire name is a word of Python."""
    return dict(_constant(cls, "_field_remappings") or {})


def _constant(cls: ast.ClassDef, name: str) -> Any:
    for node in cls.body:
        if isinstance(node, ast.Assign) and name_of(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    return None


def _called_typed_dicts(tree: ast.Module) -> list[tuple[str, ast.Dict]]:
    return [
        (node.targets[0].id, node.value.args[1])
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "TypedDict"
        and isinstance(node.value.args[1], ast.Dict)
    ]


def _pairs(node: ast.Dict) -> list[tuple[ast.expr | None, ast.expr]]:
    return list(zip(node.keys, node.values, strict=True))
