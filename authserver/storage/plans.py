"""How PostgreSQL plans: once for all values (docs/decisions/connections.md), or for these."""

from django.db import connection


def plan_for_these_values() -> None:
    """Until the transaction ends, plan each statement for its values.

    For a batch, which takes longer than its plan, and for which an index may be there that stands
    for one value alone. SQLite always does.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
