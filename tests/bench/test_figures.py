"""Figures are what they say, and there are none where they would say nothing."""

from dataclasses import replace

import pytest

from tests.bench import figures
from tests.bench.figures import Figure, percentile, spread
from tests.bench.measuring import Measurement
from tests.bench.refused import Refused
from tests.bench.run import QUICK, Result
from tests.bench.speed import REFERENCE_US, typical
from tests.bench.table import written

OURS = Measurement(
    operation="token",
    side="ours",
    lanes=1,
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
PEERS = replace(OURS, side="peer", server_ms=20.0, database_ms=10.0, seconds=1.0)
NOWHERE: frozenset[str] = frozenset()


def rows(*measurements, in_a_browser=NOWHERE):
    return figures.rows(measurements, in_a_browser=in_a_browser)


def test_a_row_has_both_servers_and_ours_in_parts_of_the_peers():
    [row] = rows(OURS, PEERS)

    assert [each.median for each in row.server] == [4.0, 2.0, 2.0]
    assert [each.median for each in row.database if each] == [2.0, 1.0, 2.0]
    assert [each.median for each in row.throughput] == [5.0, 10.0, 0.5]
    assert [each.median for each in row.p50] == [4.0, 4.0, 1.0]
    assert row.driver == 0.1


def test_cpu_is_that_of_the_reference_machine():
    slow = replace(OURS, server_ms=80.0, speed_us=2 * REFERENCE_US)

    [row] = rows(slow, PEERS)

    assert row.server[0].median == pytest.approx(4.0)


def test_the_ratio_is_the_median_of_each_rounds_own():
    """A round in which all was slow changes it as little as one in which all was fast."""
    times = [(40.0, 20.0), (400.0, 100.0), (4.0, 1.0)]
    measured = [
        replace(each, round=number, server_ms=ms)
        for number, both in enumerate(times, start=1)
        for each, ms in zip((OURS, PEERS), both, strict=True)
    ]

    [row] = rows(*measured)

    assert row.server == (Figure(4.0, 0.4, 40.0), Figure(2.0, 0.1, 10.0), Figure(4.0, 2.0, 4.0))


def test_a_peer_without_a_database_is_no_measure_for_ours():
    [row] = rows(OURS, replace(PEERS, database_ms=0.0))

    assert row.database[2] is None


@pytest.mark.parametrize(
    ("percent", "expected"), [(1, 1000.0), (50, 2000.0), (75, 3000.0), (99, 4000.0), (100, 4000.0)]
)
def test_a_percentile_is_an_answer_that_was_given(percent, expected):
    assert percentile([4, 1, 3, 2], percent) == expected


def test_p99_is_of_all_rounds_together():
    slow = (0.004,) * 9 + (1.0,)
    measured = [
        replace(each, round=number, latencies=slow if number == 1 else each.latencies)
        for number in range(1, 21)
        for each in (OURS, PEERS)
    ]

    [row] = rows(*measured)

    assert row.p99[0] == Figure(4.0, 4.0, 1000.0)


def test_the_typical_time_is_not_that_of_an_interruption():
    assert typical([1000.0] * 19 + [50_000.0]) == 1000.0
    assert typical([1000.0]) == 1000.0


def test_a_disturbed_machine_gives_no_figures():
    calm = [replace(each, round=number) for number in range(5) for each in (OURS, PEERS)]
    disturbed = [
        replace(each, speed_us=each.speed_us * (3 if each.round < 2 else 1)) for each in calm
    ]

    assert len(rows(*calm)) == 1
    with pytest.raises(Refused, match=r"too disturbed: .* took 3\.0 times as long"):
        rows(*disturbed)


def test_one_disturbed_moment_of_many_is_no_disturbed_machine():
    assert spread([1.0] * 19 + [9.0]) == 1.0


@pytest.mark.parametrize(
    "peers",
    [
        replace(PEERS, units=9, requests=9, latencies=PEERS.latencies[:9]),
        replace(PEERS, requests=11, latencies=(*PEERS.latencies, 0.004)),
        replace(PEERS, round=2),
        replace(PEERS, operation="other"),
    ],
    ids=["units", "requests", "round", "operation"],
)
def test_other_work_gives_no_figures(peers):
    assert len(rows(OURS, PEERS)) == 1
    with pytest.raises(Refused, match=r"^The work was not the same: .*\.$"):
        rows(OURS, peers)


def test_the_table_has_a_row_for_each_operation_and_number_of_connections():
    several = [replace(each, lanes=lanes) for lanes in (1, 8) for each in (OURS, PEERS)]
    result = Result(
        plan=QUICK,
        measurements=several,
        statements={("token", "ours"): 18.0, ("token", "peer"): 4.5},
        resident={"ours": 260.0, "peer": 300.0},
        versions={"node": "24"},
    )

    text = written(result, rows(*several), day="2026-01-31")

    assert text.startswith("Measured on 2026-01-31: 2 rounds")
    assert "ours 260 MiB, the peer 300 MiB" in text
    found = [line for line in text.splitlines() if line.startswith("| token |")]
    cpu = (
        "| token | 4.00 [4.00-4.00] | 2.00 [2.00-2.00] | 2.00 [2.00-2.00] | 2.00 [2.00-2.00]"
        " | 1.00 [1.00-1.00] | 2.00 [2.00-2.00] | 18 | 4.5 |"
    )
    times = "| token | 5.00 | 10.00 | 0.50 | 4.00 | 4.00 | 1.00 | 4.00 | 4.00 | 1.00 | 0.10 |"
    assert found == [cpu, times] * 2


def test_in_a_browser_each_server_redirects_as_it_wants():
    peers = replace(PEERS, requests=11, latencies=(*PEERS.latencies, 0.004))

    assert len(rows(OURS, peers, in_a_browser=frozenset({"token"}))) == 1
