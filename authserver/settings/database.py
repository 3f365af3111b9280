"""Where state is kept: PostgreSQL, for one-time codes and counts too."""

from typing import Any

from authserver.settings.environment import BASE_DIR, env

# Connections to PostgreSQL that one process keeps at most.
DATABASE_POOL = env.int("AUTHSERVER_DATABASE_POOL", default=8)


def _database() -> dict[str, Any]:
    # Where all state is kept: PostgreSQL, or SQLite for a first try.
    database: dict[str, Any] = env.db_url(
        "DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}"
    )
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"].endswith("sqlite3"):
        # IMMEDIATE: a transaction that reads first must not fail when it comes to write.
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    else:
        database["ENGINE"] = "authserver.storage.postgresql"
        options |= {
            "pool": {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 3},
            # A statement that comes again is prepared, and stays so for as long as its connection.
            "server_side_binding": True,
            "prepare_threshold": 1,
            # One plan for all values: to plan a join anew takes longer than to answer it.
            "options": "-c statement_timeout=5s -c lock_timeout=2s"
            " -c idle_in_transaction_session_timeout=10s -c plan_cache_mode=force_generic_plan",
            # A server that has vanished is no longer waited for: seconds, and milliseconds.
            "connect_timeout": 3,
            "tcp_user_timeout": 5000,
        }
    return database


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The database, since used one-time codes and rate limits must be seen by every process.
CACHES = {
    "default": {
        "BACKEND": "authserver.storage.counts.Counts",
        "LOCATION": "cache",
    }
}
