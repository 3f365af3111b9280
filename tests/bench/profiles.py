"""Where the CPU of each operation goes in our server, by the part of the code that uses it."""

import asyncio
import pstats
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench import ours
from tests.bench.measuring import Driver, judge, play, prepared
from tests.bench.operations import Operation
from tests.bench.run import database, free_ports, tell
from tests.bench.side import PROFILES, Side
from tests.bench.table import table
from tests.bench.units import Bench

UNITS, WARM_UP = 40, 10
WIDTH = 30  # of the longest bar
Function = tuple[str, int, str]
Parts = dict[str, float]
# What a file's path has in it, and the part that it belongs to; the first that fits.
PARTS = (
    ("/psycopg", "psycopg"),
    ("/django/db/", "Django's ORM"),
    ("/django/template/", "templates"),
    ("/django/utils/translation", "templates"),
    ("/django/contrib/sessions", "sessions"),
    ("/django/contrib/auth", "sessions"),
    ("/allauth/", "allauth"),
    ("/django/", "Django's requests and answers"),
    ("/cryptography/", "cryptography"),
    ("/joserfc/", "JOSE"),
    ("/authserver/protocol/jose", "JOSE"),
    ("/authserver/protocol/", "rules of the protocol"),
    ("/authserver/storage/", "our statements"),
    ("/structlog/", "log"),
    ("/logging/", "log"),
    ("/jsonschema", "JSON Schema"),
    ("/json/", "JSON"),
    ("/authserver/", "our other code"),
    ("/clients/", "our other code"),
    ("/consents/", "our other code"),
)
SIGNATURES = ("RSAPrivateKey", "RSAPublicKey", "EllipticCurve", "_rust", "Ed25519")


def taken(operations: Sequence[Operation]) -> dict[str, Parts]:
    """CPU of each operation in seconds by part, in one process with one thread."""
    with database() as (folder, cluster):
        [port] = free_ports(1)
        application = "tests.bench.profiled:application"
        with ours.running(folder, cluster, port=port, application=application, workers=1) as side:
            return asyncio.run(_taken(operations, side, Driver(cluster), folder))


async def _taken(
    operations: Sequence[Operation], side: Side, driver: Driver, folder: Path
) -> dict[str, Parts]:
    bench, connections = Bench(side), driver.lanes(side.port, 1)
    shares = {}
    for number, operation in enumerate(operations):
        tell(f"{operation.name} ...")
        for count in (WARM_UP, UNITS):
            units = await prepared(operation, bench, connections, count)
            await _written(bench, driver, "before")
            answers = await play(operation, bench, connections, units)
            await _written(bench, driver, str(number))
            judge(operation, bench, units, answers)
        shares[operation.name] = by_part(folder / f"{number}.profile")
    driver.close()
    return shares


async def _written(bench: Bench, driver: Driver, name: str) -> None:
    [connection] = driver.lanes(bench.side.port, 1)
    await connection.send(bench.client.get(f"https://as.example.com{PROFILES}{name}"))


def by_part(profile: Path) -> Parts:
    """The CPU of each part; a function of C is in the part that called it."""
    parts: Parts = defaultdict(float)
    stats: Mapping[Function, tuple[int, int, float, float, Mapping[Function, tuple]]]
    stats = pstats.Stats(str(profile)).stats  # type: ignore[attr-defined]
    for function, (_, _, own, _, callers) in stats.items():
        if function[0] != "~" or any(each in function[2] for each in SIGNATURES) or not callers:
            parts[part_of(function)] += own
            continue
        for caller, seen in callers.items():
            parts[part_of(caller)] += seen[2]
    return parts


def part_of(function: Function) -> str:
    path, _, name = function
    if path == "~":
        signs = any(each in name for each in SIGNATURES)
        return "cryptography" if signs else "Python itself"
    return next((part for piece, part in PARTS if piece in path), "Python itself")


def written(shares: Mapping[str, Parts]) -> str:
    """A list of bars for each operation, the longest first, parts below one per cent together."""
    return "\n\n".join(f"{name}\n\n{_bars(parts)}" for name, parts in shares.items())


def _bars(parts: Parts) -> str:
    whole = sum(parts.values()) or 1.0
    large = [
        (part, used / whole)
        for part, used in sorted(parts.items(), key=lambda each: -each[1])
        if used / whole >= 0.01
    ]
    rest = 1 - sum(share for _, share in large)
    body = [[part, f"{share:.0%}", bar(share)] for part, share in [*large, ("the rest", rest)]]
    return table(["part", "share", ""], body)


def bar(share: float) -> str:
    return f"`{'█' * max(1, round(share * WIDTH)) if share > 0 else ' '}`"
