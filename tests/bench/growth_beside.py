"""What a full database costs: the server on the filled one beside the server on an empty one.

Both are ours, on one PostgreSQL, and take turns as ours and the peer do.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.bench import ours, run
from tests.bench.growth_functions import Volume
from tests.bench.growth_kept import FILLED, Filled, filled
from tests.bench.operations import Operation
from tests.bench.run import Plan, Result
from tests.bench.side import Side

EMPTY = "empty"
SIDES = (FILLED, EMPTY)
PLAN = Plan(rounds=5, counts={8: 100}, warm_up=80)
QUICK = Plan(rounds=2, counts={8: 40}, warm_up=40)


def measure(plan: Plan, operations: Sequence[Operation], volume: Volume) -> Result:
    """Start both, measure, stop both; or raise Refused."""
    with filled(volume) as database, servers(database) as sides:
        versions = {"PostgreSQL": database.cluster.version}
        return asyncio.run(run.measured(plan, operations, database.cluster, sides, versions))


@contextmanager
def servers(database: Filled) -> Iterator[list[Side]]:
    """The server on the filled database, and on an empty one that is made anew."""
    first, second = run.free_ports(2)
    cluster = database.cluster
    cluster.drop(EMPTY)
    cluster.create(EMPTY)
    run.tell("Starting the servers ...")
    environ = ours.environment(database.folder, cluster.url(EMPTY), ours.fresh_secrets())
    with (
        ours.started(
            database.folder, database.environ, database.parties, name=FILLED, port=first
        ) as full,
        ours.started(
            database.folder, environ, ours.prepared(environ), name=EMPTY, port=second
        ) as empty,
    ):
        yield [full, empty]
