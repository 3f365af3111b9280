"""Fill a database with what an ecosystem has after a year.

    python -m tests.bench.growth                    the one that make bench GROWTH=1 measures on
    python -m tests.bench.growth --scale 0.1        a tenth of it
    python -m tests.bench.growth --url postgres://postgres@127.0.0.1:5432/growth

With ``--url`` an empty database of a superuser's is filled, for looking at the admin's pages: with
the settings and secrets of the tests, and a person ``person-0`` who is no operator.
"""

import argparse
import os
import sys
from functools import partial

import psycopg

from tests.bench import ours
from tests.bench.growth_filling import fill
from tests.bench.growth_functions import Volume
from tests.bench.growth_kept import filled
from tests.bench.refused import Refused
from tests.bench.run import tell


def main(arguments: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.growth")
    asked.add_argument("--scale", type=float, default=1.0, help="1: five million consents")
    asked.add_argument("--url", help="an empty database, in the place of the kept one")
    chosen = asked.parse_args(arguments)
    volume = Volume(scale=chosen.scale)
    try:
        if chosen.url:
            fill_url(chosen.url, volume)
        else:
            with filled(volume):
                tell("It is there.")
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


def fill_url(url: str, volume: Volume) -> None:
    environ = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    ours.prepared(environ, program="tests.bench.growth_samples")
    fill(partial(psycopg.connect, url, autocommit=True), volume, tell)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
