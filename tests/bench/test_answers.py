"""An answer that is not the right one ends the run, whatever is wrong with it."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from socket import socket
from types import SimpleNamespace
from typing import Any

import pytest

from tests.bench.imposter import ISSUER, THUMBPRINT, Imposter, key, listening, parties
from tests.bench.measuring import Driver
from tests.bench.operations import OPERATIONS
from tests.bench.refused import Refused
from tests.bench.side import Side
from tests.bench.units import Bench

[TOKENS] = [each for each in OPERATIONS if each.name == "client_credentials"]


@pytest.fixture
def imposter():
    return Imposter()


@pytest.fixture
def bench(imposter, tmp_path):
    this: Any = SimpleNamespace(pid=os.getpid())
    with listening(imposter) as port:
        side = Side(
            name="ours",
            issuer=ISSUER,
            discovery=f"{ISSUER}/.well-known/openid-configuration",
            port=port,
            process=this,
            database="ours",
            log=tmp_path / "log",
            parties=parties(),
        )
        imposter.claims["cnf"] = {THUMBPRINT: side.thumbprint("tpp")}
        yield Bench(side)


def measured(bench, *, count=3, lanes=1):
    this: Any = SimpleNamespace(pid=os.getpid())
    driver = Driver(SimpleNamespace(process=this))  # type: ignore[arg-type]

    async def run():
        try:
            return await driver.measured(TOKENS, bench, lanes=lanes, count=count, number=1)
        finally:
            driver.close()
            await asyncio.sleep(0)

    with ThreadPoolExecutor(1) as thread:  # a browser of another test may run a loop in this one
        return thread.submit(asyncio.run, run()).result()


def test_right_answers_are_counted_and_timed(bench, imposter):
    measurement = measured(bench, count=6, lanes=2)

    assert (measurement.units, measurement.requests, imposter.asked) == (6, 6, 6)
    assert len(measurement.latencies) == 6
    assert all(0 < each < measurement.seconds for each in measurement.latencies)
    assert measurement.speed_us > 0


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_an_error_ends_the_run(bench, imposter, status):
    imposter.status = status

    with pytest.raises(Refused, match=f"ours answers 'client_credentials' wrongly: .* {status}"):
        measured(bench)


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "https://other.example.com"),
        ("aud", "https://other.example.com"),
        ("client_id", "other"),
        ("cnf", {THUMBPRINT: "of another certificate"}),
        ("cnf", None),
    ],
)
def test_a_token_that_says_something_else_ends_the_run(bench, imposter, claim, value):
    imposter.claims[claim] = value

    with pytest.raises(Refused, match="wrongly"):
        measured(bench)


def test_a_token_of_another_key_ends_the_run(bench, imposter):
    imposter.key = key("other")

    with pytest.raises(Refused, match="wrongly"):
        measured(bench)


def test_a_server_that_is_gone_ends_the_run(bench):
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        gone = Bench(replace(bench.side, port=free.getsockname()[1]))

    with pytest.raises(Refused, match=r"wrongly: .*refused"):
        measured(gone)
