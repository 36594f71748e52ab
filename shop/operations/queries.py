"""Is the database there, and does it have the shape that this version expects?"""

from functools import lru_cache

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shop.core.config import ROOT
from shop.core.db import db


@lru_cache(maxsize=1)
def known_revisions() -> tuple[str, ...]:
    """Return the migrations that this version of the shop brings along, newest first.

    By the names of their files, which are numbered in their order: Alembic is not loaded for it.
    """
    files = (ROOT / "migrations" / "versions").glob("[0-9]*_*.py")
    return tuple(sorted((file.name.partition("_")[0] for file in files), reverse=True))


def database_revision() -> str:
    """Return the migration the database is at; empty when it has none. Raises SQLAlchemyError."""
    connection = db.session.connection()
    if not connection.dialect.has_table(connection, "alembic_version"):
        return ""
    return db.session.scalar(text("SELECT version_num FROM alembic_version")) or ""


def is_database_ready() -> bool:
    """Return whether the database answers and has the shape that this version needs.

    A revision we do not know is of a newer version that is being rolled out: it only adds.
    """
    try:
        found = database_revision()
    except SQLAlchemyError:
        return False
    return found == known_revisions()[0] or (found != "" and found not in known_revisions())
