"""The operations: what one unit of each is, and what has to be there before the clock starts."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from tests.bench.browser import Browser
from tests.bench.client import DETAILS
from tests.bench.connection import Answer, Connection
from tests.bench.seed import JWT_RESOURCE, OPAQUE_RESOURCE
from tests.bench.units import Bench, Lanes, Unit

SCOPES = "openid accounts"


Units = Awaitable[list[Unit]]


async def discovery(bench: Bench, lanes: Lanes, count: int) -> list[Unit]:
    octets = bench.client.get(bench.side.discovery)
    return [bench.send(octets, bench.expected.metadata)] * count


async def jwks(bench: Bench, lanes: Lanes, count: int) -> list[Unit]:
    octets = bench.client.get(bench.side.metadata["jwks_uri"])
    return [bench.send(octets, bench.expected.jwks)] * count


async def client_credentials(bench: Bench, lanes: Lanes, count: int) -> list[Unit]:
    rule = bench.expected.client_credentials
    return [bench.send(bench.client.client_credentials(), rule) for _ in range(count)]


async def client_credentials_by_dpop(bench: Bench, lanes: Lanes, count: int) -> list[Unit]:
    rule = bench.expected.client_credentials_by_dpop
    return [bench.send(bench.client.client_credentials_by_dpop(), rule) for _ in range(count)]


async def push(bench: Bench, lanes: Lanes, count: int) -> list[Unit]:
    asked = {"scope": SCOPES, "authorization_details": DETAILS, "resource": JWT_RESOURCE}
    return [bench.send(bench.client.push(**asked), bench.expected.pushed) for _ in range(count)]


async def with_session(bench: Bench, lanes: Lanes, count: int, *, jarm: bool = False) -> list[Unit]:
    """Everybody has signed in and agreed before; nothing is asked."""
    asked = {"scope": SCOPES} | ({"response_mode": "jwt"} if jarm else {})
    rule = bench.expected.redirected_by_jarm if jarm else bench.expected.redirected
    browsers = {id(each.connection): each for each in bench.browsers(lanes)}
    for browser, url in zip(
        browsers.values(), await bench.pushed(lanes, len(lanes), **asked), strict=True
    ):
        rule(await browser.authorize(url))
    urls = await bench.pushed(lanes, count, **asked)

    def unit(url: str) -> Unit:
        redirects: list[str] = []

        async def play(connection: Connection) -> Sequence[Answer]:
            browser = browsers[id(connection)]
            before = len(browser.seen)
            redirects.append(await browser.authorize(url))
            return browser.seen[before:]

        return Unit(play, lambda answers: _once(rule, redirects))

    return [unit(url) for url in urls]


async def with_pages(bench: Bench, lanes: Lanes, count: int) -> list[Unit]:
    """Nobody is known: each unit is a new browser, which signs in and agrees."""
    asked = {"scope": SCOPES, "authorization_details": DETAILS, "resource": JWT_RESOURCE}
    urls = await bench.pushed(lanes, count, **asked)
    people = bench.side.parties["people"]

    def unit(number: int, url: str) -> Unit:
        redirects: list[str] = []

        async def play(connection: Connection) -> Sequence[Answer]:
            browser = Browser(bench.side, connection, people[number % len(people)])
            redirects.append(await browser.authorize(url))
            return browser.seen

        return Unit(play, lambda answers: _once(bench.expected.redirected, redirects))

    return [unit(number, url) for number, url in enumerate(urls)]


def _once(rule: Callable[[str], str], redirects: Iterable[str]) -> None:
    [redirect] = redirects
    rule(redirect)


async def redeem(bench: Bench, lanes: Lanes, count: int) -> list[Unit]:
    asked = {"scope": SCOPES, "authorization_details": DETAILS, "resource": JWT_RESOURCE}
    codes = await bench.codes(lanes, count, **asked)
    requests = (bench.client.redeem(code, resource=JWT_RESOURCE) for code in codes)
    return [bench.send(octets, bench.expected.tokens) for octets in requests]


async def refresh(bench: Bench, lanes: Lanes, count: int) -> list[Unit]:
    """Every lane refreshes a token of its own."""
    asked = {"scope": SCOPES, "authorization_details": DETAILS}
    tokens = await bench.tokens(lanes, len(lanes), resource=JWT_RESOURCE, **asked)
    requests = (
        bench.client.refresh(tokens[number % len(lanes)]["refresh_token"])
        for number in range(count)
    )
    return [bench.send(octets, bench.expected.refreshed) for octets in requests]


async def introspect(bench: Bench, lanes: Lanes, count: int) -> list[Unit]:
    asked = {"scope": SCOPES, "authorization_details": DETAILS}
    tokens = await bench.tokens(lanes, len(lanes), resource=OPAQUE_RESOURCE, **asked)
    requests = (
        bench.client.introspect(tokens[number % len(lanes)]["access_token"])
        for number in range(count)
    )
    return [bench.send(octets, bench.expected.introspected) for octets in requests]


async def userinfo(bench: Bench, lanes: Lanes, count: int) -> list[Unit]:
    tokens = await bench.tokens(lanes, len(lanes), scope="openid")
    requests = [bench.client.userinfo(each["access_token"]) for each in tokens]
    return [
        bench.send(requests[number % len(lanes)], bench.expected.userinfo)
        for number in range(count)
    ]


@dataclass(frozen=True, slots=True)
class Operation:
    """A row of the table. In a browser, each server redirects and asks as often as it wants."""

    name: str
    units: Callable[[Bench, Lanes, int], Units]
    in_a_browser: bool = False
    weight: float = 1.0  # of the units that others get, so many times


OPERATIONS = (
    Operation("discovery", discovery, weight=2),
    Operation("JWKS", jwks, weight=2),
    Operation("client_credentials", client_credentials),
    Operation("client_credentials, DPoP", client_credentials_by_dpop),
    Operation("PAR, signed request object", push),
    Operation("authorize, session exists", with_session, in_a_browser=True),
    Operation(
        "authorize, session exists, JARM", partial(with_session, jarm=True), in_a_browser=True
    ),
    Operation("authorize, sign-in and consent pages", with_pages, in_a_browser=True, weight=0.25),
    Operation("token, authorization code", redeem, weight=0.5),
    Operation("token, refresh", refresh),
    Operation("introspection", introspect),
    Operation("userinfo", userinfo),
)
