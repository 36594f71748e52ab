"""Run the migrations with the application's own engine, on SQLite and PostgreSQL alike.

One process migrates at a time; others wait for it, however long it takes, and find nothing to do.
On SQLite a batch change rebuilds a table; with foreign keys on, that would cascade its children
away. So they are switched off before BEGIN and every reference is checked before COMMIT.
"""

import logging

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from shop.core.db import Base, UTCDateTime, db, is_lock_timeout
from shop.core.schema_change import unread_indexes_are_known
from shop.core.sqlite import BUSY_MS

ADVISORY_LOCK = 0x76697472  # "vitr": one migration at a time on PostgreSQL
TABLE_WAIT = "30s"  # for a table that the running shop uses: whoever comes after waits as well
FILE_WAIT_MS = 3_600_000  # for another migration of the same file

log = logging.getLogger("shop.migrations")


def render(_kind: str, thing: object, _context: object) -> str | bool:
    """Write our own column types as what they are in SQL, so that revisions need no shop code."""
    return "sa.DateTime(timezone=True)" if isinstance(thing, UTCDateTime) else False


def include(_thing: object, name: str | None, _kind: str, reflected: bool, _model: object) -> bool:
    """Leave out the indexes that only some databases can have; see revision 0001."""
    return not (reflected and name is not None and name.endswith("_trigrams"))


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render,
        include_object=include,
        transaction_per_migration=False,
        transactional_ddl=True,  # SQLite can: without this every revision is committed at once
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            wait_for_others(connection)
        with unread_indexes_are_known():
            context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"the migration left rows without their parent: {broken[:5]}")


def wait_for_others(connection: Connection) -> None:
    """Hold the lock of migrations until the transaction ends. Afterwards tables are waited for."""
    key = {"key": ADVISORY_LOCK}
    # The application's time-out is for a shopper who waits.
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), key):
        log.info("another migration is running; this one waits for it")
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), key)
    connection.execute(text(f"SET LOCAL lock_timeout = '{TABLE_WAIT}'"))


def migrate() -> None:
    engine = db.engine
    if engine.dialect.name != "sqlite":
        with engine.connect() as connection:
            run(connection)
            connection.commit()
        return
    with engine.connect().execution_options(shop_write=True) as connection:
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute(f"PRAGMA busy_timeout={FILE_WAIT_MS}")
        try:
            run(connection)
            connection.commit()
        finally:
            connection.rollback()
            driver.execute("PRAGMA foreign_keys=ON")
            driver.execute(f"PRAGMA busy_timeout={BUSY_MS}")


def main() -> None:
    """Migrate; what the database refuses because of its state becomes a sentence."""
    try:
        migrate()
    except OperationalError as error:
        reason = str(error.orig).splitlines()[0]
        if is_lock_timeout(error):
            raise CommandError(
                f"A table is in use and was not free in time ({reason}). Nothing was changed: "
                "try again, or stop the shop for a moment."
            ) from error
        if error.connection_invalidated or not known_to_work():
            raise CommandError(
                f"The database does not answer: {reason}. Check DATABASE_URL and its server."
            ) from error
        raise


def known_to_work() -> bool:
    """Return whether the database can be reached at all."""
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError:
        return False
    return True


main()
