"""Does ``purge`` keep up, and what does it do to machines meanwhile? Run as a program.

    python -m tests.bench.growth_purging --scale 0.1

On the filled database, with the server as it is deployed: tokens are asked for one after the other,
by turns alone and beside ``manage.py purge``, which goes on where it was stopped. Prints rows
deleted per second and how long a token took.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.bench import ours, run
from tests.bench.figures import percentile
from tests.bench.growth_functions import Volume
from tests.bench.growth_kept import FILLED, Filled, filled
from tests.bench.measuring import Driver
from tests.bench.operations import OPERATIONS
from tests.bench.refused import Refused
from tests.bench.units import Bench

ROUNDS, TOKENS = 3, 500
STARTED = 4.0  # seconds, until purge is at work
[ASKED] = [each for each in OPERATIONS if each.name == "client_credentials"]


def main(arguments: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.growth_purging")
    asked.add_argument("--scale", type=float, default=1.0)
    try:
        measure(Volume(scale=asked.parse_args(arguments).scale))
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


def measure(volume: Volume) -> None:
    [port] = run.free_ports(1)
    with (
        filled(volume) as database,
        ours.started(
            database.folder, database.environ, database.parties, name=FILLED, port=port
        ) as side,
    ):
        alone, beside, rates = asyncio.run(rounds(database, Bench(side)))
    report("tokens, alone", alone)
    report("tokens, beside purge", beside)
    shown = ", ".join(f"{each:.0f}" for each in rates)
    sys.stdout.write(f"rows deleted per second, by round: {shown}\n")


async def rounds(database: Filled, bench: Bench) -> tuple[list[float], list[float], list[float]]:
    """Seconds that each token took, alone and beside purge, and rows per second of each round."""
    driver = Driver(database.cluster)
    alone: list[float] = []
    beside: list[float] = []
    rates = []
    for number in range(ROUNDS + 1):
        usual = await driver.measured(ASKED, bench, lanes=1, count=TOKENS, number=number)
        with purge(database):
            begun, before = time.monotonic(), deleted(database)
            pressed = await driver.measured(ASKED, bench, lanes=1, count=TOKENS, number=number)
            rate = (deleted(database) - before) / (time.monotonic() - begun)
        if number:  # the first one warms up
            alone += usual.latencies
            beside += pressed.latencies
            rates.append(rate)
    driver.close()
    return alone, beside, rates


@contextmanager
def purge(database: Filled) -> Iterator[None]:
    """The command at work, and stopped where it is."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "purge"],
        cwd=ours.TOP,
        env=dict(database.environ),
        stdout=subprocess.DEVNULL,
    )
    time.sleep(STARTED)
    try:
        if process.poll() is not None:
            raise Refused("There is nothing left to purge: fill the database anew.")
        yield
    finally:
        process.terminate()
        process.wait()


def deleted(database: Filled) -> int:
    """Rows deleted from the filled database, of whichever table."""
    with database.cluster.administrator(FILLED) as administrator:
        administrator.execute("SELECT pg_stat_force_next_flush()")
        row = administrator.execute("SELECT sum(n_tup_del) FROM pg_stat_user_tables").fetchone()
    assert row is not None
    return int(str(row[0]))


def report(what: str, seconds: Sequence[float]) -> None:
    median, last = statistics.median(seconds) * 1000, percentile(seconds, 99)
    sys.stdout.write(f"{what}: p50 {median:.1f} ms, p99 {last:.1f} ms ({len(seconds)})\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
