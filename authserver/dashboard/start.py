"""The start page: what waits for an operator, what happened today, and the next step."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import urlencode

from authserver.audit.events import Event
from authserver.audit.models import AuditEvent, Refusal
from authserver.dashboard.waiting import page_of, waiting_at
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.clauses import link
from clients.models import Client, ClientCertificate, Participant

MOST_SHOWN = 8
FIGURES = (
    (Event.REQUEST_PUSHED, "requests pushed"),
    (Event.CONSENT_AUTHORIZED, "consents given"),
    (Event.CONSENT_REVOKED, "consents stopped"),
    (Event.TOKEN_ISSUED, "tokens issued"),
    (Event.LOGIN_FAILED, "failed sign-ins"),
)


@dataclass(frozen=True)
class SetupStep:
    """One step of onboarding; ``is_next`` is the first that nobody has taken yet."""

    number: int
    title: str
    sentence: str
    url: str
    is_done: bool
    is_next: bool = False


def page(request: HttpRequest) -> dict[str, Any]:
    """What the template of the start page shows to this operator."""
    now = timezone.now()
    may_see = request.user.has_perm
    waiting = list(waiting_at(now)) if may_see("clients.view_client") else []
    return {
        "waiting": waiting[:MOST_SHOWN],
        "more_waiting": max(0, len(waiting) - MOST_SHOWN),
        "figures": figures_of(now) if may_see("audit.view_auditevent") else [],
        "refusals": refusals_of(now) if may_see("audit.view_refusal") else [],
        "steps": steps() if may_see("clients.add_client") else [],
    }


def figures_of(now: datetime) -> list[tuple[int, str, str]]:
    """Today's numbers: how many, of what, and where they are listed."""
    midnight = _midnight(now)
    events = AuditEvent.objects.filter(at__gte=midnight).order_by()
    counted = dict(events.values_list("event").annotate(Count("pk")))
    list_url = page_of("audit_auditevent", "changelist")
    return [
        (
            counted.get(event.value, 0),
            label,
            f"{list_url}?{urlencode({'event': event, 'at__gte': str(midnight)})}",
        )
        for event, label in FIGURES
    ]


def refusals_of(now: datetime) -> list[dict[str, Any]]:
    """Today's refusals by clause, most frequent first."""
    midnight = _midnight(now)
    counted = (
        Refusal.objects.filter(at__gte=midnight)
        .order_by()
        .values("clause", "description")
        .annotate(count=Count("pk"))
        .order_by("-count", "clause")[:MOST_SHOWN]
    )
    list_url = page_of("audit_refusal", "changelist")
    return [
        {
            **row,
            "link": link(row["clause"]),
            "url": f"{list_url}?{urlencode({'clause': row['clause'], 'at__gte': str(midnight)})}",
        }
        for row in counted
    ]


def steps() -> list[SetupStep]:
    """The way from an empty server to a client that may call."""
    certificates = ClientCertificate.objects.exists()
    keys = Client.objects.exclude(client_jwks_uri="", client_jwks__isnull=True).exists()
    active = Client.objects.filter(Client.ALIVE.q())
    plan = (
        (
            "Make an ecosystem",
            "An issuer with its rules, its signing key and the CAs that it trusts.",
            page_of("ecosystems_ecosystem", "add"),
            Ecosystem.objects.exists(),
        ),
        (
            "Register a participant",
            "The company, by its legal name and the name that people know.",
            page_of("clients_participant", "add"),
            Participant.objects.exists(),
        ),
        (
            "Register its client",
            "The software that calls: how it proves itself and what it may ask for.",
            page_of("clients_client", "add"),
            Client.objects.exists(),
        ),
        (
            "Add its certificate, fetch its keys",
            "Paste the certificate that it presents; press “Fetch keys now” on its page.",
            page_of("clients_clientcertificate", "add"),
            certificates and keys,
        ),
        (
            "Let it in",
            "Activate the participant, then the client; their ecosystem is switched on.",
            page_of("clients_client", "changelist"),
            active.exists(),
        ),
    )
    first_open = next((place for place, (*_, done) in enumerate(plan) if not done), None)
    return [
        SetupStep(place + 1, title, sentence, url, done, is_next=place == first_open)
        for place, (title, sentence, url, done) in enumerate(plan)
    ]


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
