"""What stopped a command, in a sentence, where a traceback would help nobody."""

from typing import Final

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError, OperationalError

from shop.core.db import db, is_lock_timeout
from shop.core.errors import ShopError
from shop.core.rows import NO_TABLES, OLD, is_outdated, is_without_tables
from shop.models import ShopState

BUSY: Final = "The database is busy: somebody else holds what this needs. Try again in a moment."
# PostgreSQL's classes of errors: connection, shutting down, no resources, no way in, no database
_AWAY: Final = ("08", "57P", "53", "28", "3D")


def require_tables() -> None:
    """Stop here where nothing could be done. Raises ShopError without tables, DBAPIError."""
    if not inspect(db.engine).has_table(ShopState.__tablename__):
        raise ShopError(NO_TABLES)


def reason_of(error: Exception) -> str | None:
    """Return what a refusal, a file or the state of the database says; None for a fault of ours."""
    if isinstance(error, ShopError):
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return f"{str(error.filename)[:200]} cannot be used: {error.strerror}."
    if is_without_tables(error):
        return NO_TABLES
    return _reason_of_database(error) if isinstance(error, DBAPIError) else None


def _reason_of_database(error: DBAPIError) -> str | None:
    if is_lock_timeout(error):
        return BUSY
    said, code = str(error.orig), getattr(error.orig, "sqlstate", None)
    if is_outdated(error):
        return OLD
    if _is_away(error, said, code):
        return f"The database does not answer: {said.splitlines()[0]}. Check DATABASE_URL."
    return None


def _is_away(error: DBAPIError, said: str, code: str | None) -> bool:
    if error.connection_invalidated or "unable to open database file" in said:
        return True
    if not type(error.orig).__module__.startswith("psycopg"):
        return False
    return code.startswith(_AWAY) if code else isinstance(error, OperationalError)
