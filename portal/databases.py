"""How Daypass uses its database: PostgreSQL, or SQLite in the demo."""

from typing import Any

from environ import Env

SQLITE = "django.db.backends.sqlite3"
# A process that stops in the middle of a transaction, as on a machine that is paused, keeps its rows locked, and a
# revocation of these rows waits. PostgreSQL ends a transaction in which nothing was asked for so long.
SERVER_OPTIONS = "-c idle_in_transaction_session_timeout=20s"


def parse(url: str) -> dict[str, Any]:
    """Return Django's settings of the database at this address; raises as `Env.db_url_config` does."""
    database: dict[str, Any] = Env.db_url_config(url)
    if database.get("ENGINE") == SQLITE:
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    elif database:
        database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
        options = database.setdefault("OPTIONS", {})
        options.update(server_side_binding=True, prepare_threshold=5)
        options.setdefault("options", SERVER_OPTIONS)  # others are refused, as they change what the server does
    return database
