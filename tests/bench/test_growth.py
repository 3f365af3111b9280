"""The benchmark on a filled database: what it says, and when it does not begin."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.bench import figures
from tests.bench.growth_beside import EMPTY, PLAN, SIDES
from tests.bench.growth_functions import Volume
from tests.bench.growth_kept import FILLED, require_room
from tests.bench.growth_table import written
from tests.bench.measuring import Measurement
from tests.bench.refused import Refused
from tests.bench.run import Result
from tests.bench.speed import REFERENCE_US

BARE = Measurement(
    operation="token",
    side=EMPTY,
    lanes=8,
    round=1,
    units=10,
    requests=10,
    seconds=2.0,
    server_ms=40.0,
    database_ms=20.0,
    driver_ms=1.0,
    speed_us=REFERENCE_US,
    latencies=(0.004,) * 10,
)
FULL = replace(BARE, side=FILLED, server_ms=44.0, database_ms=23.0)


def result(*measurements):
    counted = {(BARE.operation, FILLED): 2.0, (BARE.operation, EMPTY): 2.0}
    return Result(
        plan=PLAN,
        measurements=measurements,
        statements=counted,
        resident={},
        versions={"PostgreSQL": "15"},
    )


def test_the_filled_one_is_compared_with_the_empty_one():
    rows = figures.rows([FULL, BARE], in_a_browser=frozenset(), sides=SIDES)

    text = written(result(FULL, BARE), rows, Volume(), day="2026-11-28")

    assert "5,000,000 consents" in text
    [row] = [line for line in text.splitlines() if line.startswith(f"| {BARE.operation} |")]
    cells = [each.strip() for each in row.split("|")]
    assert cells[4].startswith("1.10 ")
    assert cells[7].startswith("1.15 ")
    assert cells[10:12] == ["2", "2"]


def test_no_work_may_differ():
    with pytest.raises(Refused, match=r"^The work was not the same: .* at filled, .* at empty\.$"):
        figures.rows(
            [FULL, replace(BARE, requests=BARE.requests + 1)],
            in_a_browser=frozenset(),
            sides=SIDES,
        )


def test_a_disk_without_room_is_not_filled(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=44e9))

    require_room(tmp_path, Volume(scale=0.9))
    with pytest.raises(Refused, match=r"needs 45 GB and has 44 GB free\.$"):
        require_room(tmp_path, Volume())
