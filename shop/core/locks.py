"""Locks by name, for what is decided by counting rows."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import BigInteger, func, literal, select

from shop.core.db import db


def lock_names(names: Iterable[str]) -> None:
    """Have others who lock one of the names wait until the open transaction ends.

    For rules about rows that are not there yet, so that none of them can be locked. Before any row
    is locked, and in a statement of its own: what follows sees what those waited for have written.
    On SQLite there is one writer anyway. A wait that runs out is as that for a row.
    """
    if db.session.get_bind().dialect.name == "sqlite":
        return
    digests = (hashlib.sha256(name.encode()).digest() for name in names)
    keys = sorted({int.from_bytes(digest[:8], signed=True) for digest in digests})
    if keys:  # in one order, so that no two wait for each other
        locks = (func.pg_advisory_xact_lock(literal(key, BigInteger)) for key in keys)
        db.session.execute(select(*locks))
