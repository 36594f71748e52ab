"""The schema of a database as facts that can be compared, whoever made it.

`alembic check` compares tables, columns, types, unique constraints and indexes. It does not see
AUTOINCREMENT, collations, CHECKs, triggers, functions, or what a foreign key does on deletion.
"""

import re

import sqlalchemy as sa

from shop.core.schema_change import checks, collations, split_table, unread_indexes_are_known

Facts = dict[str, str]

# What a revision makes beside the models, where the server can.
BESIDE_THE_MODELS = {
    "postgresql": {
        "index product.ix_product_trigrams": (
            "CREATE INDEX ix_product_trigrams ON public.product USING gin(search_text gin_trgm_ops)"
        ),
        "index orders.ix_orders_trigrams": (
            "CREATE INDEX ix_orders_trigrams ON public.orders USING gin(search_text gin_trgm_ops)"
        ),
        "index orders.ix_orders_email_trigrams": (
            "CREATE INDEX ix_orders_email_trigrams ON public.orders"
            " USING gin(email_key gin_trgm_ops)"
        ),
        "extension pg_trgm": "pg_trgm",
    },
    "sqlite": {},
}


def facts_of(connection: sa.Connection) -> Facts:
    """Return everything that the schema consists of: what it is, and how it is written.

    The order of columns does not count, nor does `alembic_version`.
    """
    read = {"sqlite": _sqlite, "postgresql": _postgresql}[connection.dialect.name]
    found = read(connection)
    return {key: text for key, text in found.items() if "alembic_version" not in key}


def differences(made: Facts, wanted: Facts) -> list[str]:
    """Return what tells `made` from `wanted`, a line each."""
    return [
        f"{key}: {made.get(key, 'missing')} instead of {wanted.get(key, 'nothing')}"
        for key in sorted(made.keys() | wanted.keys())
        if made.get(key) != wanted.get(key)
    ]


def _plain(sql: str | None) -> str:
    """Return a statement without what does not matter: white space, quotes of names."""
    text = re.sub(r"\s+", " ", sql or "").strip()
    return re.sub(r'"(\w+)"', r"\1", re.sub(r"\s*([(),])\s*", r"\1", text))


def _sqlite(connection: sa.Connection) -> Facts:
    query = connection.exec_driver_sql
    kinds = {row.name: row.type for row in query("PRAGMA table_list").all()}
    found: Facts = {}
    for row in query("SELECT type, name, tbl_name, sql FROM sqlite_master").all():
        if kinds.get(row.tbl_name) == "shadow" or row.name.startswith("sqlite_"):
            continue
        if row.type == "table" and kinds[row.name] == "table":
            found |= _sqlite_table(connection, row.name, row.sql)
        else:
            found[f"{row.type} {row.tbl_name}.{row.name}"] = _plain(row.sql)
    return found


# All of a table follows from its statement, and most revisions leave most tables as they are.
_TABLES: dict[str, Facts] = {}


def _sqlite_table(connection: sa.Connection, name: str, sql: str) -> Facts:
    if sql not in _TABLES:
        _TABLES[sql] = _read_sqlite_table(connection, name, sql)
    return _TABLES[sql]


def _read_sqlite_table(connection: sa.Connection, name: str, sql: str) -> Facts:
    query, inspector = connection.exec_driver_sql, sa.inspect(connection)
    clauses, tail = split_table(sql)
    own_collations = collations(clauses)
    is_counting = re.search(r"\bAUTOINCREMENT\b", sql, re.IGNORECASE)
    found = {f"table {name}": _plain(f"{tail} {'AUTOINCREMENT' if is_counting else ''}")}
    for column in query(f'PRAGMA table_xinfo("{name}")').all():
        found[f"column {name}.{column.name}"] = (
            f"{column.type} null={not column.notnull} default={column.dflt_value}"
            f" pk={column.pk} hidden={column.hidden}"
            f" collate={own_collations.get(column.name, 'BINARY')}"
        )
    for label, condition in checks(clauses):
        found[f"check {name}.{label or condition}"] = _plain(condition)
    for key in inspector.get_foreign_keys(name):
        found[f"foreign key {name}.{key['name']}"] = (
            f"{key['constrained_columns']} {key['referred_table']} {key['referred_columns']}"
            f" {sorted(key['options'].items())}"
        )
    with unread_indexes_are_known():
        uniques = inspector.get_unique_constraints(name)
    for unique in uniques:
        found[f"unique {name}.{unique['name']}"] = str(unique["column_names"])
    primary = inspector.get_pk_constraint(name)
    found[f"primary key {name}"] = f"{primary['name']} {primary['constrained_columns']}"
    return found


# One query a kind: the fact's name, and how PostgreSQL itself writes it.
_CATALOGUE = {
    "column": """
        SELECT c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod)
          || ' null=' || (NOT a.attnotnull)
          || ' default=' || coalesce(pg_get_expr(adbin, adrelid), '')
          || ' identity=' || a.attidentity::text || ' generated=' || a.attgenerated::text
          || ' collate=' || coalesce(k.collname, '')
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        LEFT JOIN pg_collation k ON k.oid = a.attcollation
        WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped""",
    "table": """
        SELECT relname, relkind::text || ' ' || relpersistence::text || ' '
          || coalesce(array_to_string(reloptions, ','), '')
        FROM pg_class WHERE relnamespace = 'public'::regnamespace
          AND relkind IN ('r', 'p', 'v', 'm')""",
    "constraint": """
        SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'""",
    "index": """
        SELECT tablename || '.' || indexname, indexdef FROM pg_indexes
        WHERE schemaname = 'public'""",
    "trigger": """
        SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal""",
    "function": """
        SELECT p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
          pg_get_functiondef(p.oid)
        FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
          AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')""",
    "type": """
        SELECT t.typname, (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder)
          FROM pg_enum WHERE enumtypid = t.oid)
        FROM pg_type t WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
          AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = t.oid AND deptype = 'e')""",
    "sequence": """
        SELECT sequencename, data_type || ' ' || increment_by || ' ' || start_value
        FROM pg_sequences WHERE schemaname = 'public'""",
    "extension": "SELECT extname, extname FROM pg_extension WHERE extname <> 'plpgsql'",
}


def _postgresql(connection: sa.Connection) -> Facts:
    return {
        f"{kind} {name}": _plain(text)
        for kind, query in _CATALOGUE.items()
        for name, text in connection.exec_driver_sql(query).all()
    }
