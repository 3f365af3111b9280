"""Refresh tokens: as long as the consent, for its client, not rotated (FAPI 2.0, CBUAE-2.1.14)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from authserver.protocol.errors import InvalidGrant, UnknownGrant
from authserver.protocol.requirements import requirement
from authserver.storage.conditions import NOW, Condition
from authserver.storage.indexes import index_where_not_null
from authserver.storage.prepared import Parameter, Prepared, PreparedInserts
from authserver.storage.toolkit import AbstractRefreshToken
from authserver.tokens.codes import AuthorizationCode
from authserver.tokens.granted import Granted, with_what_is_asked_of_others
from authserver.tokens.handles import digest, new_handle
from authserver.tokens.validity import grant_alive
from clients.models import Client


class RefreshTokenQuerySet(PreparedInserts["RefreshToken"]):
    @requirement("CBUAE-2.1.14", "FAPI2-SP-FINAL-5.3.2.1-9")
    def make(self, granted: Granted, *, expires: datetime | None) -> tuple[RefreshToken, str]:
        """A refresh token for what was granted, to be stored, and its value, which is not."""
        assert granted.auth_time is not None
        token = new_handle()
        row = self.model(
            user=granted.user,
            token="",
            token_checksum=digest(token),
            application=granted.client,
            grant_type=granted.grant_type,
            authorization_code_id=granted.authorization_code,
            consent=granted.consent,
            scope=granted.scope,
            authorization_details=granted.authorization_details,
            resource=list(granted.resource),
            claims=granted.claims.as_text(),
            auth_time=granted.auth_time,
            acr=granted.acr,
            amr=list(granted.amr),
            expires=expires,
        )
        return row, token

    @requirement("RFC6749-6")
    def find(self, token: str, *, client: Client, now: datetime) -> RefreshToken:
        """Return the client's live refresh token, or raise InvalidGrant.

        The caller has authenticated the client, and locks its row when a token is issued.
        """
        refresh_token = _alive.first(digest=digest(token), client=client.pk, now=now)
        if refresh_token is None:
            known = self.filter(token_checksum=digest(token), application=client).exists()
            refusal = InvalidGrant if known else UnknownGrant
            raise refusal("refresh_token is unknown, ended or revoked")
        return refresh_token


class RefreshToken(AbstractRefreshToken):
    """Lives exactly as long as its consent, belongs to its client, and is not rotated."""

    UNREVOKED = Condition(models.Q(revoked=None))  # what came by it can be used
    ALIVE = (
        UNREVOKED
        & Condition(models.Q(expires=None) | models.Q(expires__gt=NOW))
        & AuthorizationCode.UNREPLAYED.if_any("authorization_code")
    )

    access_token = None
    token_family = None
    application = models.ForeignKey(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL, on_delete=models.CASCADE, db_index=False
    )
    grant_type = models.CharField(
        max_length=100, db_default="authorization_code", help_text="The one that it renews."
    )
    authorization_code = models.ForeignKey(AuthorizationCode, on_delete=models.CASCADE, null=True)
    consent = models.ForeignKey("consents.Consent", on_delete=models.CASCADE)
    scope = models.TextField(blank=True)
    authorization_details = models.JSONField(default=list)
    auth_time = models.DateTimeField()
    acr = models.CharField(max_length=100, blank=True)
    amr = models.JSONField(default=list)
    claims = models.TextField(blank=True)
    expires = models.DateTimeField(null=True, db_index=True)

    objects = RefreshTokenQuerySet.as_manager()

    class Meta(AbstractRefreshToken.Meta):
        unique_together = ()  # type: ignore[assignment]
        indexes = [
            index_where_not_null("revoked", name="refresh_tokens_by_revocation"),
            models.Index(fields=["application", "id"], name="refresh_tokens_of_a_client"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["token_checksum"], name="one_refresh_token_once")
        ]

    def __str__(self) -> str:
        return f"Refresh token {self.pk}"


def _alive_of_a_digest() -> models.QuerySet[RefreshToken]:
    now = Parameter("now", models.DateTimeField())
    return with_what_is_asked_of_others(
        RefreshToken.objects.filter(
            grant_alive(now=now),
            RefreshToken.ALIVE.q(now=now),
            application=Parameter("client", models.BigIntegerField()),
            token_checksum=Parameter("digest", models.CharField()),
        )
    )


_alive: Prepared[RefreshToken] = Prepared(_alive_of_a_digest)
