"""Every check of `flask audit` in one statement, compiled once: asked after each step."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa

import shop.audit.services  # noqa: F401 -- registers the checks
from shop.audit.registry import CHECKS


class Watch:
    """Whether any check finds anything."""

    def __init__(self, dialect: sa.Dialect) -> None:
        parts = [sa.select(sa.literal(1)).where(sa.exists(check.find())) for check in CHECKS]
        compiled = sa.union_all(*parts).compile(
            dialect=dialect, compile_kwargs={"render_postcompile": True}
        )
        values = {name: _plain(value) for name, value in compiled.params.items()}
        self._sql = str(compiled)
        self._values: Any = values
        if compiled.positional:
            self._values = tuple(values[name] for name in compiled.positiontup or ())

    def sees_something(self, connection: sa.Connection) -> bool:
        """Return whether a check finds a row."""
        return connection.exec_driver_sql(self._sql, self._values).first() is not None


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value
