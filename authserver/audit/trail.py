"""The way to write the audit trail: call ``record`` inside the transaction of the change."""

from typing import Any

import structlog
from django.db import router
from django.db.models import F
from django.utils import timezone

from authserver.audit.events import CHANGES, Event
from authserver.audit.models import AuditEvent, Refusal, Tally
from authserver.protocol.errors import OAuthError
from authserver.protocol.requirements import case
from authserver.storage.prepared import insert

log = structlog.get_logger("authserver.audit")


def record(event: Event, **columns: Any) -> None:
    """Append one event, as ``entry`` makes it."""
    insert(entry(event, **columns), using=router.db_for_write(AuditEvent))


def entry(
    event: Event,
    *,
    ecosystem: str = "",
    actor: str = "",
    client_id: str = "",
    subject: str = "",
    **facts: object,
) -> AuditEvent:
    """An event to be stored. Facts are names and codes, never tokens, keys or assertions.

    An event that changes a row says which fields, from what, to what, or TypeError: the change is
    not made either.
    """
    if event in CHANGES:
        require_values(facts.get("changed"))
    return AuditEvent(
        event=event,
        ecosystem=ecosystem,
        actor=actor,
        client_id=client_id,
        subject=subject,
        interaction_id=current_interaction_id(),
        facts=facts,
    )


@case("PR-33")
def tally(event: Event, **facts: object) -> None:
    """Log and count what nobody identified did: anybody could fill the table with rows of it."""
    log.warning(event.value, **facts)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    ours = Tally.objects.filter(event=event, hour=hour)
    if ours.update(times=F("times") + 1):
        return
    _, is_the_first = Tally.objects.get_or_create(event=event, hour=hour)
    if not is_the_first:  # somebody else made the row meanwhile
        ours.update(times=F("times") + 1)


@case("AD-05")
def require_values(changed: object) -> None:
    """``changed`` is field -> [before, after], as ``audit/changes.py`` makes it."""
    if not isinstance(changed, dict) or not changed:
        raise TypeError("an event of a change names what it changes")
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in changed.values()):
        raise TypeError("an event of a change has the values before and after")


def record_refusal(error: OAuthError, *, ecosystem: str, client_id: str, endpoint: str) -> None:
    """Log a refusal, and keep it where the caller is identified.

    A caller that proved nothing costs a log line, not a row: otherwise anybody could fill the
    table.
    """
    log.warning(
        "request.refused",
        ecosystem=ecosystem,
        client_id=client_id,
        endpoint=endpoint,
        error=error.code,
        clause=error.clause,
        expected=error.expected,
        seen=error.seen,
    )
    if client_id:
        Refusal.objects.insert(
            ecosystem=ecosystem,
            client_id=client_id,
            interaction_id=current_interaction_id(),
            address=current_address(),
            endpoint=endpoint,
            error=error.code,
            clause=error.clause,
            description=error.description,
            expected=error.expected[:500],
            seen=error.seen[:500],
        )


def current_interaction_id() -> str:
    """The x-fapi-interaction-id of the request being answered; empty outside of one."""
    return _of_the_request("interaction_id")


@case("HT-10", "LO-05")
def current_address() -> str:
    """Where the request being answered came from, as trusted_proxy tells it; empty outside."""
    return _of_the_request("address")


def _of_the_request(name: str) -> str:
    return str(structlog.contextvars.get_contextvars().get(name, ""))
