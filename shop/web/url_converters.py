"""How addresses are read and made."""

from collections.abc import Callable
from types import MethodType
from typing import Any

from werkzeug.routing import IntegerConverter, Rule, ValidationError


class IdConverter(IntegerConverter):
    """`<int:…>`: ASCII digits that fit into the column of an id; anything else is no page."""

    regex = r"[0-9]{1,10}"

    def to_python(self, value: str) -> int:
        """Return the number. Raises ValidationError, which becomes a 404."""
        number: int = super().to_python(value)
        if not value.isascii() or number >= 2**31:
            raise ValidationError
        return number


class LateRule(Rule):
    """A route whose functions that make its address are compiled when one is first made.

    Werkzeug compiles two for each route at once, which is most of what making an application
    costs; few routes are ever asked for their address.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        def build(rule: LateRule, /, **values: Any) -> tuple[str, str]:
            compiled = super(LateRule, rule)._compile_builder(append_unknown)
            name = "_build_unknown" if append_unknown else "_build"
            setattr(rule, name, MethodType(compiled, rule))
            made: tuple[str, str] = compiled(rule, **values)
            return made

        return build
