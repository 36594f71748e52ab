"""Run the migrations with the application's own engine, on SQLite and PostgreSQL alike.

On SQLite a batch change rebuilds a table; with foreign keys on, that would cascade its children
away. So they are switched off before BEGIN and every reference is checked before COMMIT.
"""

from alembic import context
from sqlalchemy import Connection, text

from shop.db import Base, UTCDateTime, db

ADVISORY_LOCK = 0x76697472  # "vitr": one migration at a time on PostgreSQL


def render(_kind: str, thing: object, _context: object) -> str | bool:
    """Write our own column types as what they are in SQL, so that revisions need no shop code."""
    return "sa.DateTime(timezone=True)" if isinstance(thing, UTCDateTime) else False


def include(_thing: object, name: str | None, _kind: str, reflected: bool, _model: object) -> bool:
    """Leave out the index that only some databases can have; see revision 0001."""
    return not (reflected and name == "ix_product_trigrams")


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
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"the migration left rows without their parent: {broken[:5]}")


def main() -> None:
    engine = db.engine
    if engine.dialect.name != "sqlite":
        with engine.connect() as connection:
            run(connection)
            connection.commit()
        return
    with engine.connect().execution_options(shop_write=True) as connection:
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            run(connection)
            connection.commit()
        finally:
            connection.rollback()
            driver.execute("PRAGMA foreign_keys=ON")


main()
