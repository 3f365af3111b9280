"""The benchmark: ours and the peer do the same work, by turns, on one PostgreSQL.

    make bench                 five rounds; the table goes to standard output
    make bench QUICK=1         two short ones, in less than five minutes
    make bench TABLE=1         writes a whole run's table into docs/performance.md too
    make bench PROFILE=1       where the CPU of each operation goes, in the place of the rounds
    make bench GROWTH=1        ours on a filled database beside ours on an empty one

It ends with one sentence and a status of 1 where there is no result: an answer was wrong, the
machine was too disturbed, the work was not the same, the peer or PostgreSQL is not there.
"""

import argparse
import signal
import sys
import time

from tests.bench import figures, growth_table, profiles, table
from tests.bench import growth_beside as beside
from tests.bench.growth_functions import Volume
from tests.bench.operations import OPERATIONS, Operation
from tests.bench.refused import Refused
from tests.bench.run import FULL, QUICK, measure


def main(arguments: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.bench")
    asked.add_argument("--quick", action="store_true", help="two short rounds")
    asked.add_argument("--table", action="store_true", help="write into docs/performance.md")
    asked.add_argument("--profile", action="store_true", help="where the CPU goes")
    asked.add_argument("--growth", action="store_true", help="a filled database and an empty one")
    asked.add_argument("--scale", type=float, default=1.0, help="how much is filled in")
    asked.add_argument("--only", default="", help="operations whose name has this in it")
    chosen = asked.parse_args(arguments)
    operations = [each for each in OPERATIONS if chosen.only in each.name]
    if not operations:
        asked.error(f"no operation is called {chosen.only!r}")
    if chosen.table and (chosen.quick or chosen.only):
        asked.error("the page has figures of a whole run: neither --quick nor --only")
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        mark, text = _text(chosen, operations)
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    sys.stdout.write(f"{text}\n")
    if chosen.table:
        table.put_in(table.PAGE, mark, text)
    return 0


def _text(chosen: argparse.Namespace, operations: list[Operation]) -> tuple[str, str]:
    """What was measured, and where on the page it belongs."""
    if chosen.profile:
        return "profile", _profile(operations)
    if chosen.growth:
        return "growth", _growth(operations, quick=chosen.quick, volume=Volume(scale=chosen.scale))
    return "figures", _table(operations, quick=chosen.quick)


def _table(operations: list[Operation], *, quick: bool) -> str:
    result = measure(QUICK if quick else FULL, operations)
    in_a_browser = frozenset(each.name for each in operations if each.in_a_browser)
    rows = figures.rows(result.measurements, in_a_browser=in_a_browser)
    return table.written(result, rows, day=time.strftime("%Y-%m-%d", time.gmtime()))


def _growth(operations: list[Operation], *, quick: bool, volume: Volume) -> str:
    plan = beside.QUICK if quick else beside.PLAN
    result = beside.measure(plan, operations, volume)
    rows = figures.rows(result.measurements, in_a_browser=frozenset(), sides=beside.SIDES)
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return growth_table.written(result, rows, volume, day=day)


def _profile(operations: list[Operation]) -> str:
    return profiles.written(profiles.taken(operations))


def _interrupted(number: int, frame: object) -> None:
    """As Ctrl-C does: every server that was started is stopped."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
