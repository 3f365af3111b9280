"""Playing an operation while CPU is metered, and judging every answer afterwards."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench import processes, speed
from tests.bench.connection import Answer, Connection
from tests.bench.expected import Wrong
from tests.bench.operations import Operation
from tests.bench.postgresql import PostgreSQL
from tests.bench.refused import Refused
from tests.bench.units import Bench, Unit, shared

SETTLE = 0.05  # seconds: what a server does behind its last answer is part of its work


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One operation at one server in one round, over so many connections.

    ``server_ms``, ``database_ms`` and ``driver_ms`` are CPU of all units together, as it was;
    ``speed_us`` is what the machine took for the fixed piece of work meanwhile.
    """

    operation: str
    side: str
    lanes: int
    round: int
    units: int
    requests: int
    seconds: float
    server_ms: float
    database_ms: float
    driver_ms: float
    speed_us: float
    latencies: tuple[float, ...]


class Driver:
    """Plays operations; keeps the connections to each server open from one to the next."""

    def __init__(self, postgresql: PostgreSQL) -> None:
        self.postgresql = postgresql
        self.speed = speed.Speed()
        self._lanes: dict[int, list[Connection]] = {}

    def lanes(self, port: int, count: int) -> list[Connection]:
        kept = self._lanes.setdefault(port, [])
        kept += [Connection(port) for _ in range(count - len(kept))]
        return kept[:count]

    def close(self) -> None:
        for kept in self._lanes.values():
            for lane in kept:
                lane.close()

    async def measured(
        self, operation: Operation, bench: Bench, *, lanes: int, count: int, number: int
    ) -> Measurement:
        """Raise Refused where an answer is wrong."""
        connections = self.lanes(bench.side.port, lanes)
        units = await prepared(operation, bench, connections, count)
        for each in connections:
            await each.open()
            each.took.clear()
        taken = [self.speed.once()]
        watching = asyncio.create_task(self.speed.watch(taken))
        roots = (bench.side.process.pid, self.postgresql.process.pid)
        before = [processes.cpu_ms(root) for root in roots]
        own, began = time.process_time(), time.perf_counter()
        answers = await play(operation, bench, connections, units)
        seconds, spent = time.perf_counter() - began, time.process_time() - own
        await asyncio.sleep(SETTLE)
        server_ms, database_ms = (
            processes.cpu_ms(root) - used for root, used in zip(roots, before, strict=True)
        )
        watching.cancel()
        judge(operation, bench, units, answers)
        return Measurement(
            operation=operation.name,
            side=bench.side.name,
            lanes=lanes,
            round=number,
            units=count,
            requests=sum(map(len, answers)),
            seconds=seconds,
            server_ms=server_ms,
            database_ms=database_ms,
            driver_ms=spent * 1000 - sum(taken[1:]) / 1000,
            speed_us=speed.typical(taken),
            latencies=tuple(took for each in connections for took in each.took),
        )

    async def statements(self, operation: Operation, bench: Bench, *, count: int) -> float:
        """So many statements one unit makes; PostgreSQL has to be writing them to its log."""
        connections = self.lanes(bench.side.port, 1)
        units = await prepared(operation, bench, connections, count)
        began = self.postgresql.position()
        answers = await play(operation, bench, connections, units)
        await asyncio.sleep(SETTLE)
        judge(operation, bench, units, answers)
        return self.postgresql.statements(bench.side.database, since=began) / count


async def prepared(
    operation: Operation, bench: Bench, connections: Sequence[Connection], count: int
) -> list[Unit]:
    try:
        return await operation.units(bench, connections, count)
    except (Wrong, OSError, ValueError, LookupError) as fault:
        raise _wrong(operation, bench, fault) from fault


async def play(
    operation: Operation, bench: Bench, connections: Sequence[Connection], units: Sequence[Unit]
) -> list[Sequence[Answer]]:
    try:
        return await shared(connections, [unit.play for unit in units])
    except (OSError, LookupError, ValueError) as fault:
        raise _wrong(operation, bench, fault) from fault


def judge(
    operation: Operation, bench: Bench, units: Sequence[Unit], answers: Sequence[Sequence[Answer]]
) -> None:
    """Raise Refused at the first answer that is not the right one."""
    for unit, given in zip(units, answers, strict=True):
        try:
            unit.verify(given)
        except (Wrong, LookupError, ValueError, TypeError) as fault:
            raise _wrong(operation, bench, fault) from fault


def _wrong(operation: Operation, bench: Bench, fault: Any) -> Refused:
    reason = str(fault) if isinstance(fault, Wrong) else f"{type(fault).__name__}: {fault}"
    return Refused(f"{bench.side.name} answers {operation.name!r} wrongly: {reason}.")
