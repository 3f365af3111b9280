"""What operations are made of: units, lanes that share them, and what clients have by then."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tests.bench.browser import Browser
from tests.bench.client import ThirdParty
from tests.bench.connection import Answer, Connection
from tests.bench.expected import Expected, Rule, body_of
from tests.bench.side import Side

Lanes = Sequence[Connection]
Played = Callable[[Connection], Awaitable[Sequence[Answer]]]


@dataclass(frozen=True, slots=True)
class Unit:
    """One use of an operation: what is sent, and the rule for what comes back."""

    play: Played
    verify: Rule


class Bench:
    """One server with its clients and people."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.client = ThirdParty(side)
        self.expected = Expected(side, jkt=self.client.proof.jkt)

    def send(self, octets: bytes, rule: Rule) -> Unit:
        async def play(connection: Connection) -> Sequence[Answer]:
            return [await connection.send(octets)]

        return Unit(play, rule)

    async def pushed(self, lanes: Lanes, count: int, **asked: Any) -> list[str]:
        """So many fresh authorization URLs."""
        requests = [self.client.push(**asked) for _ in range(count)]
        answers = await shared(lanes, [partial(_sent, octets) for octets in requests])
        uris = [body_of([each], status=201)["request_uri"] for each in answers]
        return [self.client.authorization_url(uri) for uri in uris]

    def browsers(self, lanes: Lanes) -> list[Browser]:
        """One for each lane, of a person of its own."""
        people = self.side.parties["people"]
        at_once = self.side.consents_at_once
        return [
            Browser(self.side, lane, people[number % len(people)], at_once=at_once)
            for number, lane in enumerate(lanes)
        ]

    async def codes(self, lanes: Lanes, count: int, **asked: Any) -> list[str]:
        """So many fresh codes, each of a person who agreed."""
        urls = await self.pushed(lanes, count, **asked)
        browsers = {id(each.connection): each for each in self.browsers(lanes)}

        async def agreed(url: str, connection: Connection) -> str:
            browser = browsers[id(connection)]
            if browser.at_once:  # the peer takes codes back when their browser agrees again
                browser = replace(browser, cookies={}, seen=[])
            return self.expected.redirected(await browser.authorize(url))

        return await shared(lanes, [partial(agreed, url) for url in urls])

    async def tokens(
        self, lanes: Lanes, count: int, *, resource: str | None = None, **asked: Any
    ) -> list[dict[str, Any]]:
        """So many token responses."""
        if resource:
            asked["resource"] = resource
        codes = await self.codes(lanes, count, **asked)
        requests = [self.client.redeem(code, resource=resource) for code in codes]
        answers = await shared(lanes, [partial(_sent, octets) for octets in requests])
        return [body_of([each]) for each in answers]


async def _sent(octets: bytes, connection: Connection) -> Answer:
    return await connection.send(octets)


async def shared(
    lanes: Lanes, plays: Sequence[Callable[[Connection], Awaitable[Any]]]
) -> list[Any]:
    """Let every lane take its share of what is to be done; return the results in order."""
    results: list[Any] = [None] * len(plays)

    async def run(first: int) -> None:
        for number in range(first, len(plays), len(lanes)):
            results[number] = await plays[number](lanes[first])

    await asyncio.gather(*(run(first) for first in range(len(lanes))))
    return results
