"""How often something is tried: each try is counted, and judged, by one statement for a rate.

allauth counts in Django's cache, and locks there what it counts: twelve statements for a rate, of
which three look how many entries the cache has. Its table keeps these counts, too: under a key,
when the last tries were. ``purge`` deletes them.
"""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from authserver.accounts.allauth_internals import Rate, get_cache_key, parse_rates
from authserver.protocol.requirements import case
from authserver.storage.django_internals import CACHE_EXPIRY, CACHE_KEY, CACHE_VALUE

SECOND = 1_000_000  # of the microseconds since 1970 that tries are kept as


@dataclass(frozen=True, slots=True)
class Try:
    """One that was counted, at an instant, under these keys."""

    at: int
    keys: tuple[str, ...]

    def give_back(self) -> None:
        """Let this one count no longer, and no other: a success wipes out no failure."""
        with connection.cursor() as cursor:
            cursor.execute(_taking_back(connection.vendor, len(self.keys)), [self.at, *self.keys])


@case("LG-01", "LG-02")
def count(request: HttpRequest, action: str, *, key: str = "") -> Try | None:
    """Count a try by each of the action's rates (settings); None where one of them is used up.

    A rate is of the address that the request came from, or of ``key``. Whatever comes behind the
    one that is used up is not counted.
    """
    at = int(time.time() * SECOND)
    keys = []
    for rate in parse_rates(settings.ATTEMPT_RATES[action]):
        name = get_cache_key(request, app="attempts", action=action, rate=rate, key=key)
        if not _is_counted(name, rate, at=at):
            return None
        keys.append(name)
    return Try(at, tuple(keys))


def _is_counted(name: str, rate: Rate, *, at: int) -> bool:
    """Keep the try where fewer than the rate's are kept that are not too old; forget those."""
    oldest = at - int(rate.duration * SECOND)
    over = datetime.fromtimestamp((at + rate.duration * SECOND) // SECOND, UTC)
    expires = connection.ops.adapt_datetimefield_value(over)
    values = [name, json.dumps([at]), expires, oldest, oldest, rate.amount]
    with connection.cursor() as cursor:
        cursor.execute(_counting(connection.vendor), values)
        return cursor.fetchone() is not None


# The tries that are not too old, with the new one behind them, where they are fewer than so many.
COUNTING = {
    "postgresql": """
        INSERT INTO {table} AS c ({key}, {value}, {expires}) VALUES (%s, %s, %s)
        ON CONFLICT ({key}) DO UPDATE SET {expires} = excluded.{expires}, {value} = (
            (SELECT coalesce(jsonb_agg(t), '[]'::jsonb)
               FROM jsonb_array_elements(c.{value}::jsonb) t WHERE t::bigint > %s)
            || excluded.{value}::jsonb
        )::text
        WHERE (SELECT count(*)
                 FROM jsonb_array_elements(c.{value}::jsonb) t WHERE t::bigint > %s) < %s
        RETURNING {key}
    """,
    "sqlite": """
        INSERT INTO {table} AS c ({key}, {value}, {expires}) VALUES (%s, %s, %s)
        ON CONFLICT ({key}) DO UPDATE SET {expires} = excluded.{expires}, {value} = (
            SELECT json_group_array(at) FROM (
                SELECT t.value AS at FROM json_each(c.{value}) t WHERE t.value > %s
                UNION ALL SELECT t.value FROM json_each(excluded.{value}) t
            )
        )
        WHERE (SELECT count(*) FROM json_each(c.{value}) t WHERE t.value > %s) < %s
        RETURNING {key}
    """,
}
# All but the one of this instant.
TAKING_BACK = {
    "postgresql": """
        UPDATE {table} SET {value} = (
            SELECT coalesce(jsonb_agg(t), '[]'::jsonb)
              FROM jsonb_array_elements({value}::jsonb) t WHERE t::bigint <> %s
        )::text WHERE {key} IN ({keys})
    """,
    "sqlite": """
        UPDATE {table} SET {value} = (
            SELECT json_group_array(t.value)
              FROM json_each({table}.{value}) t WHERE t.value <> %s
        ) WHERE {key} IN ({keys})
    """,
}


@cache
def _counting(vendor: str) -> str:
    return COUNTING[vendor].format(**_names())


@cache
def _taking_back(vendor: str, number: int) -> str:
    return TAKING_BACK[vendor].format(keys=", ".join(["%s"] * number), **_names())


def _names() -> dict[str, str]:
    quoted = connection.ops.quote_name
    return {
        "table": quoted(str(settings.CACHES["default"]["LOCATION"])),
        "key": quoted(CACHE_KEY),
        "value": quoted(CACHE_VALUE),
        "expires": quoted(CACHE_EXPIRY),
    }
