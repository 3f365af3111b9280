"""The filled database between two runs: PostgreSQL's data, and the secrets it was seeded with.

It lies in ``.bench/growth/<scale>``; to make it anew, delete that folder. What is there is used as
soon as ``kept.json`` says that the filling came to its end, brought up to the code of the moment by
``migrate``.
"""

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import ours
from tests.bench.growth_filling import fill
from tests.bench.growth_functions import Volume
from tests.bench.postgresql import PostgreSQL
from tests.bench.refused import Refused
from tests.bench.run import database, tell

FOLDER = ours.TOP / ".bench" / "growth"
FILLED = "filled"
SMALLEST_FREE_GB = 45  # for scale 1: what is filled in takes 30, and sorting needs room
# While nothing is measured: what is lost with the machine is filled in again.
WITHOUT_CARE = (
    "fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
    "max_wal_size=8GB", "autovacuum=off", "shared_buffers=1GB",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Filled:
    """The database that was filled, in the cluster that has it, and what it was seeded with."""

    folder: Path
    cluster: PostgreSQL
    environ: Mapping[str, str]
    parties: Mapping[str, Any]


@contextmanager
def filled(volume: Volume) -> Iterator[Filled]:
    """PostgreSQL as it comes, with the filled database; filled now where it is not there."""
    place = FOLDER / f"{volume.scale:g}"
    if not (place / "kept.json").exists():
        make(place, volume)
    kept = json.loads((place / "kept.json").read_text())
    with database(place / "data") as (folder, cluster):
        environ = ours.environment(folder, cluster.url(FILLED), kept["secrets"])
        ours.migrated(environ)
        yield Filled(folder=folder, cluster=cluster, environ=environ, parties=kept["parties"])


def make(place: Path, volume: Volume) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    require_room(place, volume)
    began = time.monotonic()
    own_secrets = ours.fresh_secrets()
    with database(place / "data", settings=WITHOUT_CARE) as (folder, cluster):
        cluster.create(FILLED)
        environ = ours.environment(folder, cluster.url(FILLED), own_secrets)
        parties = ours.prepared(environ, program="tests.bench.growth_samples")
        fill(lambda: cluster.administrator(FILLED), volume, tell)
        with cluster.administrator(FILLED) as administrator:
            administrator.execute("CHECKPOINT")
    kept = {"secrets": own_secrets, "parties": parties}
    (place / "kept.json").write_text(json.dumps(kept))
    tell(f"Filled in {time.monotonic() - began:.0f} s.")


def require_room(place: Path, volume: Volume) -> None:
    """Raise Refused where the disk would be full before the database is."""
    free, needed = shutil.disk_usage(place).free / 1e9, SMALLEST_FREE_GB * volume.scale
    if free < needed:
        raise Refused(f"{place} needs {needed:.0f} GB and has {free:.0f} GB free.")
