"""A request_uri: issued once, opened by its client until it expires, completed once (RFC 9126)."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import NoReturn

from django.db import models

from authserver.audit.events import Event
from authserver.audit.models import AuditEvent
from authserver.audit.trail import entry
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.errors import InvalidRequestURI, TooManyRequests
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.protocol.specs.request_object import VerifiedRequestObject
from authserver.storage.conditions import NOW, Condition
from authserver.storage.counting import CountUpTo
from authserver.storage.indexes import index_where_not_null
from authserver.storage.prepared import Parameter, Prepared, PreparedInserts
from authserver.storage.together import Held, store_together
from authserver.tokens.handles import consume_once, digest, new_handle
from authserver.tokens.validity import lock_caller, lock_of_the_caller
from clients import registered
from clients.models import Client
from consents.models import Consent

REQUEST_URI_PREFIX = "urn:ietf:params:oauth:request_uri:"


def digest_of(request_uri: str) -> str:
    return digest(request_uri.removeprefix(REQUEST_URI_PREFIX))


class PushedRequestQuerySet(PreparedInserts["PushedRequest"]):
    @requirement("PAR-2.2", "PAR-2.3", "FAPI2-SP-FINAL-5.3.2.2-2")
    def push(
        self,
        *,
        client: Client,
        request: AuthorizationRequest,
        dpop_jkt: str,
        staged: tuple[Consent, AuditEvent] | None,
        evidence: VerifiedRequestObject | None = None,
        lifetime: timedelta,
        now: datetime,
    ) -> str:
        """Store the request and return its request_uri, which we then no longer know.

        ``staged`` is the consent that it asks for, with its event; ``evidence``, the request as
        the client signed it, is kept here where there is none to keep it. InvalidClient where the
        client was suspended meanwhile, TooManyRequests where its share is used up. Pushes that
        arrive at the same moment do not see each other, so the share may be exceeded by as many
        as are in flight.
        """
        reference = new_handle()
        consent = staged[0] if staged else None
        unkept_evidence = evidence if consent is None else None
        pushed = self.model(
            client=client,
            digest=digest(reference),
            parameters=request.as_json(),
            dpop_jkt=dpop_jkt,
            consent=consent,
            request_object=unkept_evidence.token if unkept_evidence else "",
            request_object_key=unkept_evidence.key_thumbprint if unkept_evidence else "",
            expires_at=now + lifetime,
        )
        event = entry(
            Event.REQUEST_PUSHED,
            ecosystem=client.ecosystem.slug,
            actor=client.client_id,
            client_id=client.client_id,
            subject=str(consent.pk) if consent else "",
        )
        share = client.ecosystem.pushed_requests_per_client
        room = Held(CALLER_WITH_ROOM, {"client": client.pk, "now": now, "share": share})
        if not store_together([*(staged or ()), pushed, event], under=[room]):
            lock_caller(client)
            self._refuse_more(client, share=share, now=now)
        return REQUEST_URI_PREFIX + reference

    @case("PR-33")
    @requirement("PAR-2.3")
    def _refuse_more(self, client: Client, *, share: int, now: datetime) -> NoReturn:
        ends = self.filter(self.model.ALIVE.q(now=now), client=client)
        room_again = (
            ends.values_list("expires_at", flat=True)
            .order_by("-expires_at")[share - 1 : share]
            .first()
            or now
        )
        raise TooManyRequests(
            "too many pushed requests of this client are waiting to be used",
            retry_after=max(1, ceil((room_again - now).total_seconds())),
            expected=f"fewer than {share}",
            seen=str(share),
        )

    @requirement("PAR-4", "PAR-7.3", "PAR-3-3", "JAR-7")
    def open(
        self, request_uri: str, *, client_id: str, ecosystem: Ecosystem, now: datetime
    ) -> PushedRequest:
        """Return the live request that this client pushed, or raise InvalidRequestURI.

        Opening does not use it up: a person may reload, or come back. Unknown, expired, foreign
        and completed ones are told apart by nobody.
        """
        pushed = _live.first(
            digest=digest_of(request_uri),
            client_id=client_id,
            ecosystem=ecosystem.pk,
            now=now,
        )
        client = registered.client_of(pushed) if pushed is not None else None
        if pushed is None or client is None:
            raise InvalidRequestURI("request_uri is unknown, expired or used")
        pushed.client = client
        return pushed

    def is_unused(self, pushed: PushedRequest) -> bool:
        """True until it is answered, whoever did it."""
        return self.filter(self.model.UNUSED.q(), pk=pushed.pk).exists()

    @requirement("PAR-7.3")
    def complete(self, pushed: PushedRequest, *, now: datetime) -> None:
        """Use the request up, or raise InvalidRequestURI where somebody else just did."""
        if not consume_once(pushed, mark="completed_at", now=now):
            raise InvalidRequestURI("request_uri is unknown, expired or used")


class PushedRequest(models.Model):
    """A request that passed every check of its client's profile (RFC 9126)."""

    UNUSED = Condition(models.Q(completed_at=None))  # it can be answered, in its browser's time
    ALIVE = UNUSED & Condition(models.Q(expires_at__gt=NOW))  # it can be opened

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, db_index=False)
    digest = models.CharField(max_length=64, unique=True)
    parameters = models.JSONField()
    dpop_jkt = models.CharField(max_length=64, blank=True)
    consent = models.ForeignKey(
        "consents.Consent", on_delete=models.CASCADE, null=True, db_index=False
    )
    request_object = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="What the client signed, until a consent keeps it.",
    )
    request_object_key = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="Thumbprint of the key that signed it.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    completed_at = models.DateTimeField(null=True)

    objects = PushedRequestQuerySet.as_manager()

    class Meta:
        indexes = [
            # Not of those that wait alone: to complete one would then touch every index of it.
            models.Index(fields=["client", "expires_at"], name="pushed_requests_of_a_client"),
            index_where_not_null("consent", name="pushed_requests_of_a_consent"),
        ]


def opening(pushed: PushedRequest) -> AuditEvent:
    """That the request was opened; it is noted once."""
    return entry(
        Event.REQUEST_OPENED,
        ecosystem=pushed.client.ecosystem.slug,
        client_id=pushed.client.client_id,
        subject=str(pushed.consent_id or ""),
    )


def _of_a_digest() -> models.QuerySet[PushedRequest]:
    return (
        PushedRequest.objects.select_related("consent")
        .annotate(**registered.said_of_the_client("client"))
        .filter(
            PushedRequest.ALIVE.q(now=Parameter("now", models.DateTimeField())),
            Client.ALIVE.under("client").q(),
            digest=Parameter("digest", models.CharField()),
            client__client_id=Parameter("client_id", models.CharField()),
            client__ecosystem=Parameter("ecosystem", models.BigIntegerField()),
        )
    )


def _waiting() -> CountUpTo:
    """How many requests of the client wait to be used, counted up to its share."""
    waiting = PushedRequest.objects.filter(
        PushedRequest.ALIVE.q(now=Parameter("now", models.DateTimeField())),
        client=Parameter("client", models.BigIntegerField()),
    )
    return CountUpTo(
        waiting.values("client"), limit=Parameter("share", models.PositiveIntegerField())
    )


_live: Prepared[PushedRequest] = Prepared(_of_a_digest)
CALLER_WITH_ROOM = lock_of_the_caller(
    having=lambda clients: clients.alias(waiting=_waiting()).filter(
        waiting__lt=Parameter("share", models.PositiveIntegerField())
    )
)
