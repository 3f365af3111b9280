"""Authorization codes: issued for a decision, redeemed once, deadly when shown again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.transaction import atomic

from authserver.accounts.acr import Authentication
from authserver.audit.events import Event
from authserver.audit.models import AuditEvent
from authserver.audit.trail import entry, record
from authserver.protocol.errors import InvalidGrant, UnknownGrant
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.storage.conditions import NOW, Condition
from authserver.storage.prepared import Parameter, Prepared, PreparedInserts
from authserver.storage.together import Consumed
from authserver.storage.toolkit import AbstractGrant
from authserver.tokens.granted import with_what_is_asked_of_others
from authserver.tokens.handles import consume_once, digest
from clients.models import Client
from consents.models import Consent

REFUSAL = "code is unknown, expired or used"


class AuthorizationCodeQuerySet(PreparedInserts["AuthorizationCode"]):
    @requirement("FAPI2-SP-FINAL-5.3.2.1-11")
    def make(
        self,
        *,
        code: str,
        client: Client,
        request: AuthorizationRequest,
        authentication: Authentication,
        consent: Consent,
        scope: str,
        claims: str,
        authorization_details: list[Any],
        dpop_jkt: str,
        lifetime: timedelta,
        now: datetime,
    ) -> tuple[AuthorizationCode, AuditEvent]:
        """What was approved, under the digest of this new code, and its event, to be stored."""
        row = self.model(
            user=authentication.user,
            code=digest(code),
            application=client,
            expires=now + lifetime,
            redirect_uri=request.redirect_uri or "",
            scope=scope,
            code_challenge=request.code_challenge or "",
            code_challenge_method="S256",
            nonce=request.nonce or "",
            claims=claims,
            resource=list(request.resource),
            consent=consent,
            authorization_details=authorization_details,
            dpop_jkt=dpop_jkt,
            auth_time=authentication.auth_time,
            acr=authentication.acr,
            amr=list(authentication.amr),
        )
        event = entry(
            Event.CODE_ISSUED,
            ecosystem=client.ecosystem.slug,
            actor=authentication.user.username,
            client_id=client.client_id,
            subject=str(consent.pk),
        )
        return row, event

    @requirement("RFC6749-4.1.3", "FAPI2-SP-FINAL-5.3.2.2-9")
    def find(self, code: str, *, client: Client, now: datetime) -> AuthorizationCode:
        """Return the client's unused code, or raise InvalidGrant.

        A code shown by another client is reported and stays good for its owner; one shown again
        by its owner kills what it gave (RFC6749-4.1.2).
        """
        authorization_code = _of_digest.first(digest=digest(code))
        if authorization_code is None:
            raise UnknownGrant(REFUSAL, seen="unknown")
        if authorization_code.application_id != client.pk:
            record(
                Event.CODE_SHOWN_BY_ANOTHER,
                ecosystem=client.ecosystem.slug,
                client_id=client.client_id,
                subject=str(authorization_code.consent_id or ""),
            )
            raise UnknownGrant(REFUSAL, expected="the client it was issued to", seen="another")
        if authorization_code.used_at is not None:
            self.replay(authorization_code, client=client, now=now)
            raise InvalidGrant(REFUSAL, seen="used before", clause="RFC6749-4.1.2")
        if authorization_code.expires <= now:
            raise InvalidGrant(REFUSAL, seen="expired", clause="FAPI2-SP-FINAL-5.3.2.1-11")
        return authorization_code

    @requirement("RFC6749-4.1.2", "FAPI2-SP-FINAL-5.3.2.2-9")
    def consume(self, code: AuthorizationCode, *, now: datetime) -> bool:
        """Use the code up; False if somebody else just did. The database decides."""
        return consume_once(code, mark="used_at", expiry="expires", now=now)

    def consumption(self, code: AuthorizationCode, *, now: datetime) -> Consumed:
        """As ``consume``, to be done together with what the code gives."""
        return Consumed(code, mark="used_at", expiry="expires", now=now)

    @requirement("RFC6749-4.1.2", "FAPI2-SP-FINAL-5.3.2.2-9")
    @atomic
    def replay(self, code: AuthorizationCode, *, client: Client, now: datetime) -> None:
        """Mark the code as shown again: every token that stands on it is dead from here on."""
        if consume_once(code, mark="replayed_at", now=now):
            record(
                Event.CODE_REPLAYED,
                ecosystem=client.ecosystem.slug,
                client_id=client.client_id,
                subject=str(code.consent_id or ""),
            )


class AuthorizationCode(AbstractGrant):
    """A code; ``code`` holds its digest. What was replayed kills all that it gave."""

    ALIVE = Condition(models.Q(used_at=None, expires__gt=NOW))  # it can be redeemed
    UNREPLAYED = Condition(models.Q(replayed_at=None))  # what it gave can be used

    application = models.ForeignKey(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL, on_delete=models.CASCADE, db_index=False
    )
    nonce = models.TextField(blank=True)
    consent = models.ForeignKey("consents.Consent", on_delete=models.CASCADE, null=True)
    authorization_details = models.JSONField(default=list)
    dpop_jkt = models.CharField(max_length=64, blank=True)
    auth_time = models.DateTimeField()
    acr = models.CharField(max_length=100, blank=True)
    amr = models.JSONField(default=list)
    used_at = models.DateTimeField(null=True)
    replayed_at = models.DateTimeField(null=True)

    objects = AuthorizationCodeQuerySet.as_manager()

    class Meta(AbstractGrant.Meta):
        indexes = [
            models.Index(fields=["expires"], name="codes_by_expiry"),
            models.Index(fields=["application", "id"], name="codes_of_a_client"),
        ]

    def __str__(self) -> str:
        return f"Authorization code {self.pk}"


def _of_a_digest() -> models.QuerySet[AuthorizationCode]:
    return with_what_is_asked_of_others(
        AuthorizationCode.objects.filter(code=Parameter("digest", models.CharField()))
    )


_of_digest: Prepared[AuthorizationCode] = Prepared(_of_a_digest)
