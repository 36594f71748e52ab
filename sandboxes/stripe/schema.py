"""The sandbox's tables. Raise VERSION with every change: older rows are thrown away."""

VERSION = 2

TABLES = ("object", "setting", "task", "delivery", "idempotency", "fault", "request_log")

SCHEMA = (
    """CREATE TABLE object (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        created INTEGER NOT NULL,
        body TEXT NOT NULL,
        extra TEXT NOT NULL,
        status TEXT,
        payment_intent TEXT,
        charge TEXT,
        customer TEXT,
        type TEXT,
        active INTEGER,
        UNIQUE (kind, id))""",
    "CREATE INDEX object_kind ON object (kind, seq)",
    "CREATE INDEX object_created ON object (kind, created)",
    "CREATE INDEX object_payment_intent ON object (payment_intent, kind)",
    "CREATE INDEX object_charge ON object (charge, kind)",
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # What happens by itself later: a session expires, a debit settles. `due` is sandbox time.
    """CREATE TABLE task (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        due REAL NOT NULL,
        kind TEXT NOT NULL,
        ref TEXT NOT NULL,
        data TEXT NOT NULL)""",
    "CREATE INDEX task_due ON task (due)",
    "CREATE INDEX task_ref ON task (ref, kind)",
    # `due` is sandbox time, `lease_until` the wall clock's: a crashed deliverer holds no one up.
    """CREATE TABLE delivery (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        event TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        url TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'held', 'delivered', 'failed')),
        due REAL NOT NULL,
        attempt INTEGER NOT NULL DEFAULT 0,
        twists TEXT NOT NULL,
        lease_until REAL NOT NULL DEFAULT 0,
        lease TEXT NOT NULL DEFAULT '',
        last_status INTEGER,
        last_answer TEXT NOT NULL DEFAULT '')""",
    "CREATE INDEX delivery_due ON delivery (state, due)",
    "CREATE INDEX delivery_event ON delivery (event)",
    """CREATE TABLE idempotency (
        key TEXT PRIMARY KEY,
        created REAL NOT NULL,
        operation TEXT NOT NULL,
        parameters TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'done')),
        lease_until REAL NOT NULL,
        status INTEGER,
        answer BLOB,
        request_id TEXT NOT NULL)""",
    "CREATE INDEX idempotency_created ON idempotency (created)",
    "CREATE INDEX idempotency_running ON idempotency (lease_until) WHERE state = 'running'",
    """CREATE TABLE fault (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        remaining INTEGER CHECK (remaining >= 0),
        route TEXT NOT NULL DEFAULT '')""",
    """CREATE TABLE request_log (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        request TEXT NOT NULL,
        created INTEGER NOT NULL,
        method TEXT NOT NULL,
        path TEXT NOT NULL,
        status INTEGER NOT NULL,
        key TEXT NOT NULL,
        note TEXT NOT NULL)""",
)
