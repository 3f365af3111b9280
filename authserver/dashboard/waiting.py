"""What waits for an operator: ecosystems that cannot work, keys, certificates, those to let in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from authserver.ecosystems.models import Ecosystem, RevocationList, TrustAnchor
from authserver.keys.models import SigningKey
from authserver.protocol.requirements import case
from clients.key_sets import UNDER_WAY
from clients.models import Client, ClientCertificate, ClientKeySet, Participant, State

ENDS_SOON = timedelta(days=30)
MOST_OF_A_KIND = 100  # our choice: whoever has more waiting begins with these


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: what it is, why, and where it is dealt with."""

    what: str
    why: str
    url: str
    urgent: bool = False


def waiting_at(now: datetime) -> Iterable[Waiting]:
    """Everything that waits, the urgent first."""
    for ecosystem in _without_keys()[:MOST_OF_A_KIND]:
        yield Waiting(
            ecosystem.name,
            "has no active key to sign with: it cannot issue tokens",
            page_of("keys_signingkey", "add") + "?" + urlencode({"ecosystem": ecosystem.pk}),
            urgent=True,
        )
    for ecosystem in _without_anchors()[:MOST_OF_A_KIND]:
        yield Waiting(
            ecosystem.name,
            "trusts no CA yet: no client certificate can be registered",
            page_of("ecosystems_trustanchor", "add") + "?" + urlencode({"ecosystem": ecosystem.pk}),
        )
    yield from _revocation_lists(now)
    for key_set in _failing_key_sets()[:MOST_OF_A_KIND]:
        yield Waiting(
            key_set.client.name,
            f"its keys cannot be fetched: {key_set.last_error}",
            page_of("clients_client", "change", key_set.client.pk),
            urgent=True,
        )
    for certificate in _ending_certificates(now)[:MOST_OF_A_KIND]:
        ended = certificate.not_after <= now
        yield Waiting(
            certificate.client.name,
            f"its certificate {'ended' if ended else 'ends'} on {certificate.not_after:%d %B %Y}",
            page_of("clients_clientcertificate", "change", certificate.pk),
            urgent=ended,
        )
    for participant in Participant.objects.filter(state=State.PENDING)[:MOST_OF_A_KIND]:
        url = page_of("clients_participant", "change", participant.pk)
        yield Waiting(participant.trading_name, "a participant that waits to be let in", url)
    for client in Client.objects.filter(state=State.PENDING).order_by("created")[:MOST_OF_A_KIND]:
        url = page_of("clients_client", "change", client.pk)
        yield Waiting(client.name, "a client that waits to be let in", url)


@case("MT-09")
def _revocation_lists(now: datetime) -> Iterable[Waiting]:
    """Those that count, and are out of date, cannot be renewed, or should have been by now."""
    required = RevocationList.objects.filter(policy=RevocationList.Policy.REQUIRED)
    for revocation_list in required.select_related("anchor").order_by("next_update")[
        :MOST_OF_A_KIND
    ]:
        url = page_of("ecosystems_revocationlist", "change", revocation_list.pk)
        if not revocation_list.is_in_date(now=now):
            why = "no revocation list of it is in date: its certificates are refused"
        elif revocation_list.last_error:
            why = f"its revocation list cannot be renewed: {revocation_list.last_error}"
        elif revocation_list.ends_soon(now=now):
            why = f"its revocation list ends on {revocation_list.next_update:%d %B %Y at %H:%M} UTC"
        else:
            continue
        yield Waiting(revocation_list.anchor.subject, why, url, urgent=True)


def _without_keys() -> QuerySet[Ecosystem]:
    signing = SigningKey.objects.filter(SigningKey.SIGNS.q(), ecosystem=OuterRef("pk"))
    return Ecosystem.objects.filter(~Exists(signing))


def _without_anchors() -> QuerySet[Ecosystem]:
    return Ecosystem.objects.filter(~Exists(TrustAnchor.objects.filter(ecosystem=OuterRef("pk"))))


def _failing_key_sets() -> QuerySet[ClientKeySet]:
    failing = ClientKeySet.objects.exclude(last_error__in=["", UNDER_WAY])
    return failing.exclude(client__state=State.SUSPENDED).select_related("client")


def _ending_certificates(now: datetime) -> QuerySet[ClientCertificate]:
    """Those in use that end soon, unless the client has one that lasts longer."""
    active = ClientCertificate.objects.filter(ClientCertificate.UNREVOKED.q())
    successor = active.filter(client=OuterRef("client"), not_after__gt=now + ENDS_SOON)
    return (
        active.filter(~Exists(successor), not_after__lte=now + ENDS_SOON)
        .exclude(client__state=State.SUSPENDED)
        .select_related("client")
        .order_by("not_after")
    )


def page_of(model: str, page_name: str, *args: object) -> str:
    """The address of an admin page: its list, the form of a new row, or a row."""
    return reverse(f"admin:{model}_{page_name}", args=args)
