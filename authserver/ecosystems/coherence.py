"""What a change of an ecosystem would break: its own lists, and clients registered under it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from authserver.protocol.profiles.base import Profile
from authserver.protocol.profiles.checks import SCOPE_TOKEN
from authserver.protocol.profiles.registration import problems_with
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs.claims import SUPPORTED

MOST_TOLD = 5


class Settings(Protocol):
    """An ecosystem as it is, or as it would be."""

    scopes: Any
    client_credentials_scopes: Any
    claims: Any

    @property
    def rules(self) -> Profile: ...


class Links(Protocol):
    """Where the pages for people link to."""

    privacy_url: str
    terms_url: str


@requirement("RFC6749-3.3")
def problems_with_scopes(ecosystem: Settings) -> Iterator[tuple[str, str]]:
    """Yield (field, sentence) for every scope that cannot be named, or is not on offer."""
    if misspelt := [name for name in ecosystem.scopes if not SCOPE_TOKEN.fullmatch(name)]:
        yield "scopes", f"Not the name of a scope: {', '.join(misspelt)}."
    if unknown := sorted(set(ecosystem.client_credentials_scopes) - set(ecosystem.scopes)):
        yield "client_credentials_scopes", f"Not among the scopes: {', '.join(unknown)}."


@requirement("OIDCC-5.5")
def problems_with_claims(ecosystem: Settings) -> Iterator[tuple[str, str]]:
    """Yield (field, sentence) for claims of a person that we know nothing of."""
    if unknown := sorted(set(ecosystem.claims) - set(SUPPORTED)):
        yield "claims", f"Not a claim that this server has: {', '.join(unknown)}."


@case("AD-07")
def problems_with_links(ecosystem: Links) -> Iterator[tuple[str, str]]:
    """Yield (field, sentence) for every link that a page for people must not have."""
    for field in ("privacy_url", "terms_url"):
        address = getattr(ecosystem, field)
        if address and not address.startswith("https://"):
            yield field, "An address that starts with https://."


CHECKS: tuple[Callable[[Any], Iterator[tuple[str, str]]], ...] = (
    problems_with_scopes,
    problems_with_claims,
    problems_with_links,
)


@requirement("CBUAE-4.2a")
def clients_that_would_break(
    clients: Iterable[Any], *, before: Settings, after: Settings
) -> list[str]:
    """Sentences on clients that may be registered as they are now and could not be afterwards."""
    sentences = []
    for client in clients:
        problems_before = _problems(client, before)
        problems_after = _problems(client, after)
        sentences += [
            f"{client.client_id}: {each}" for each in problems_after if each not in problems_before
        ]
    more = len(sentences) - MOST_TOLD
    return sentences[:MOST_TOLD] + ([f"And {more} more."] if more > 0 else [])


def _problems(client: Any, ecosystem: Settings) -> list[str]:
    client.ecosystem = ecosystem
    return [str(problem) for problem in problems_with(client, ecosystem.rules)]
