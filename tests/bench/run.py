"""A whole run: count statements, warm up, then rounds in which the two servers take turns."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory

from tests.bench import ours, peer, postgresql, processes
from tests.bench.measuring import Driver, Measurement
from tests.bench.operations import OPERATIONS, Operation
from tests.bench.side import Side
from tests.bench.units import Bench


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is measured: ``counts`` has the units of a phase by its number of connections."""

    rounds: int
    counts: dict[int, int]
    warm_up: int
    statements: int = 5  # units whose statements are counted

    def count(self, operation: Operation, lanes: int) -> int:
        return max(lanes, round(self.counts[lanes] * operation.weight))


FULL = Plan(rounds=5, counts={1: 40, 8: 160}, warm_up=100)
QUICK = Plan(rounds=2, counts={1: 12, 8: 40}, warm_up=24)


@dataclass(frozen=True, kw_only=True)
class Result:
    """All that was measured; ``statements`` by operation and server, ``resident`` in MiB."""

    plan: Plan
    measurements: Sequence[Measurement]
    statements: dict[tuple[str, str], float]
    resident: dict[str, float]
    versions: dict[str, str]


def measure(plan: Plan, operations: Sequence[Operation] = OPERATIONS) -> Result:
    """Start everything, measure, stop everything; or raise Refused."""
    with servers() as (cluster, sides, versions):
        return asyncio.run(measured(plan, operations, cluster, sides, versions))


@contextmanager
def servers() -> Iterator[tuple[postgresql.PostgreSQL, list[Side], dict[str, str]]]:
    """PostgreSQL, ours and the peer, and the versions of what is not ours."""
    node = peer.installed()
    postgresql.newest()
    tell("Starting PostgreSQL, the server and the peer ...")
    with database() as (folder, cluster), ExitStack() as stack:
        first, second = free_ports(2)
        our = stack.enter_context(ours.running(folder, cluster, port=first))
        their = stack.enter_context(
            peer.running(folder, cluster, node=node, parties=our.parties, port=second)
        )
        versions = {"PostgreSQL": cluster.version, **peer.versions(node)}
        yield cluster, [our, their], versions


@contextmanager
def database(
    data: Path | None = None, *, settings: Sequence[str] = ()
) -> Iterator[tuple[Path, postgresql.PostgreSQL]]:
    """A folder of the run's own and PostgreSQL in it, or on data that is kept."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's own user has to reach its part
        (folder / "postgresql").mkdir()
        with postgresql.running(folder / "postgresql", data=data, settings=settings) as cluster:
            yield folder, cluster


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


async def measured(
    plan: Plan,
    operations: Sequence[Operation],
    cluster: postgresql.PostgreSQL,
    sides: Sequence[Side],
    versions: dict[str, str],
) -> Result:
    """Play everything on these servers by turns; or raise Refused."""
    driver = Driver(cluster)
    benches = [Bench(side) for side in sides]
    tell("Warming up, and counting statements ...")
    for bench in benches:
        for operation in operations:
            units = round(plan.warm_up * operation.weight) * bench.side.warming
            await driver.measured(operation, bench, lanes=8, count=max(8, units), number=0)
    with cluster.counted():
        statements = {
            (operation.name, bench.side.name): await driver.statements(
                operation, bench, count=plan.statements
            )
            for operation in operations
            for bench in benches
        }
    measurements = []
    for number in range(1, plan.rounds + 1):
        tell(f"Round {number} of {plan.rounds} ...")
        # Who comes first changes, so that nobody always has what the other left behind.
        order = benches if number % 2 else benches[::-1]
        for operation in operations:
            for lanes in plan.counts:
                for bench in order:
                    count = plan.count(operation, lanes)
                    measurements.append(
                        await driver.measured(
                            operation, bench, lanes=lanes, count=count, number=number
                        )
                    )
    driver.close()
    resident = {side.name: processes.resident_mib(side.process.pid) for side in sides}
    return Result(
        plan=plan,
        measurements=measurements,
        statements=statements,
        resident=resident,
        versions=versions,
    )


def tell(line: str) -> None:
    """To whoever waits; the table alone goes to standard output."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
