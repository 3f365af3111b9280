"""From what was measured to figures: medians of rounds, and when there are none."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.measuring import Measurement
from tests.bench.ours import NAME as OURS
from tests.bench.peer import NAME as PEER
from tests.bench.refused import Refused
from tests.bench.speed import REFERENCE_US

# The slowest tenth of all phases may take so many times what the fastest tenth takes for the same
# piece of work: beyond, neighbours are measured and not servers.
LARGEST_SPREAD = 2.5


@dataclass(frozen=True, slots=True)
class Figure:
    """The median of the rounds, and the smallest and the largest of them."""

    median: float
    least: float
    most: float


def figure(values: Sequence[float]) -> Figure:
    return Figure(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, kw_only=True)
class Row:
    """One operation over so many connections; every pair is ours, the peer's, ours to the peer's.

    CPU in ms of the reference machine per unit, times in ms, throughput in units per second.
    """

    operation: str
    lanes: int
    server: tuple[Figure, Figure, Figure]
    database: tuple[Figure, Figure, Figure | None]
    throughput: tuple[Figure, Figure, Figure]
    p50: tuple[Figure, Figure, Figure]
    p99: tuple[Figure, Figure, Figure]
    driver: float  # CPU of the driver, in ms per unit, at ours and at the peer alike


Measure = Callable[[Measurement], float]


def rows(
    measurements: Sequence[Measurement],
    *,
    in_a_browser: frozenset[str],
    sides: tuple[str, str] = (OURS, PEER),
) -> list[Row]:
    """One for each operation and number of connections, or Refused.

    ``sides`` are the two that are compared; what a row says of ours is said of the first.
    """
    require_calm(measurements)
    require_same_work(measurements, in_a_browser=in_a_browser, sides=sides)
    keys = dict.fromkeys((each.operation, each.lanes) for each in measurements)
    return [
        _row([each for each in measurements if (each.operation, each.lanes) == key], sides)
        for key in keys
    ]


def require_calm(measurements: Sequence[Measurement]) -> None:
    """Raise Refused where the machine was much faster at one time than at another."""
    found = spread([each.speed_us for each in measurements])
    if found > LARGEST_SPREAD:
        raise Refused(
            f"The machine is too disturbed: the same piece of work took {found:.1f} times as long"
            f" at some times as at others, and more than {LARGEST_SPREAD} says nothing."
        )


def spread(values: Sequence[float]) -> float:
    """How many times the first tenth the last tenth is."""
    ordered = sorted(values)
    tenth = len(ordered) // 10
    return ordered[-1 - tenth] / ordered[tenth]


def require_same_work(
    measurements: Sequence[Measurement], *, in_a_browser: frozenset[str], sides: tuple[str, str]
) -> None:
    """Raise Refused where one server was asked for more than the other."""
    for each in pairs(measurements, sides):
        ours, peers = each
        same = ours.units == peers.units and len(ours.latencies) == ours.requests
        if ours.operation not in in_a_browser:
            same = same and ours.requests == peers.requests
        if not same:
            raise Refused(
                f"The work was not the same: {ours.operation!r} was {ours.units} units and"
                f" {ours.requests} requests at {ours.side}, {peers.units} and {peers.requests} at"
                f" {peers.side}."
            )


def pairs(
    measurements: Sequence[Measurement], sides: tuple[str, str]
) -> list[tuple[Measurement, Measurement]]:
    """Both sides' of the same operation, connections and round; Refused where one lacks."""
    first, second = sides
    by_side: dict[str, dict[tuple[str, int, int], Measurement]] = {first: {}, second: {}}
    for each in measurements:
        by_side[each.side][each.operation, each.lanes, each.round] = each
    if by_side[first].keys() != by_side[second].keys():
        raise Refused("The work was not the same: a phase of one server has no twin at the other.")
    return [(each, by_side[second][key]) for key, each in by_side[first].items()]


def _row(measurements: Sequence[Measurement], sides: tuple[str, str]) -> Row:
    both = pairs(measurements, sides)

    def compared(measure: Measure) -> tuple[Figure, Figure, Figure]:
        """The ratio is that of each round: both halves of it had the same machine."""
        values = [(measure(ours), measure(peers)) for ours, peers in both]
        ratios = [ours / peers for ours, peers in values if peers]
        ours, peers = zip(*values, strict=True)
        return figure(ours), figure(peers), figure(ratios or [float("nan")])

    database = compared(lambda each: normalised(each.database_ms, each))
    first = measurements[0]
    return Row(
        operation=first.operation,
        lanes=first.lanes,
        server=compared(lambda each: normalised(each.server_ms, each)),
        # A peer that asks its database nothing is no measure for one that asks.
        database=database if database[1].median >= SMALLEST_MS else (*database[:2], None),
        throughput=compared(lambda each: each.units / each.seconds),
        p50=_latency(both, 50),
        p99=_latency(both, 99),
        driver=statistics.median(each.driver_ms / each.units for each in measurements),
    )


def _latency(
    both: Sequence[tuple[Measurement, Measurement]], percent: int
) -> tuple[Figure, Figure, Figure]:
    """Of all rounds together, since one has too few answers; the range is that of the rounds."""
    rounds = [
        [percentile(each.latencies, percent) for each in side] for side in zip(*both, strict=True)
    ]
    whole = [
        percentile([took for each in side for took in each.latencies], percent)
        for side in zip(*both, strict=True)
    ]
    ratios = [ours / peers for ours, peers in zip(*rounds, strict=True)]
    ours, peers = (
        Figure(of_all, min(each), max(each)) for of_all, each in zip(whole, rounds, strict=True)
    )
    return ours, peers, Figure(whole[0] / whole[1], min(ratios), max(ratios))


SMALLEST_MS = 0.05


def normalised(cpu_ms: float, measurement: Measurement) -> float:
    """CPU per unit as the reference machine would have used it."""
    return cpu_ms / measurement.units * REFERENCE_US / measurement.speed_us


def percentile(seconds: Sequence[float], percent: int) -> float:
    """In ms: the answer that so many of a hundred were not slower than."""
    ordered = sorted(seconds)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] * 1000
