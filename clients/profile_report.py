"""What an ecosystem and its clients would break under another profile, told before a switch."""

from copy import copy
from dataclasses import dataclass

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from authserver.ecosystems.models import Ecosystem
from authserver.protocol.profiles.base import Profile
from authserver.protocol.profiles.registered import Problem
from authserver.protocol.profiles.registration import problems_with
from authserver.protocol.requirements import requirement
from clients.models import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A problem that a client would have. ``is_new`` is False for one that it has already."""

    client: Client
    problem: Problem
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileReport:
    """``settings`` are the ecosystem's own, as (field, sentence)."""

    ecosystem: Ecosystem
    profile: Profile
    clients: int
    settings: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]

    @property
    def is_clear(self) -> bool:
        return not self.settings and not self.findings

    @property
    def clients_that_break(self) -> int:
        return len({finding.client.pk for finding in self.findings})


@requirement("PRODUCT-3")
def report(ecosystem: Ecosystem, profile: Profile) -> ProfileReport:
    """Hold the ecosystem and all its clients to the profile, and change nothing."""
    switched = copy(ecosystem)
    switched.profile = profile.name
    clients = list(ecosystem.clients.select_related("participant").order_by("client_id"))
    return ProfileReport(
        ecosystem=ecosystem,
        profile=profile,
        clients=len(clients),
        settings=tuple(_settings(switched)),
        findings=tuple(
            Finding(client=client, problem=problem, is_new=problem not in before)
            for client in clients
            for before in [_problems(client, ecosystem)]
            for problem in _problems(client, switched)
        ),
    )


def _settings(switched: Ecosystem) -> list[tuple[str, str]]:
    try:
        switched.clean()
    except ValidationError as refused:
        return [
            (field, sentence)
            for field, sentences in refused.message_dict.items()
            if field != NON_FIELD_ERRORS
            for sentence in sentences
        ]
    return []


def _problems(client: Client, ecosystem: Ecosystem) -> list[Problem]:
    registered = copy(client)
    registered.ecosystem = ecosystem
    return problems_with(registered, ecosystem.rules)
