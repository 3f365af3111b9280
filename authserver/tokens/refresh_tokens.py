"""Refresh tokens: as long as the consent, for its client, not rotated (FAPI 2.0, CBUAE-2.1.14)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Q

from authserver.protocol.errors import InvalidGrant, UnknownGrant
from authserver.protocol.requirements import requirement
from authserver.storage.prepared import Parameter, Prepared, PreparedInserts
from authserver.tokens.handles import digest, new_handle
from authserver.tokens.validity import grant_alive

if TYPE_CHECKING:
    from authserver.tokens.granted import Granted
    from authserver.tokens.models import RefreshToken
    from clients.models import Client


class RefreshTokenQuerySet(PreparedInserts["RefreshToken"]):
    @requirement("CBUAE-2.1.14", "FAPI2-SP-FINAL-5.3.2.1-9")
    def issue(self, granted: Granted, *, expires: datetime | None) -> str:
        """Store a refresh token for what was granted; return its value, which we do not keep."""
        token = new_handle()
        self.insert(
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
        return token

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


def _alive_of_a_digest() -> models.QuerySet[RefreshToken]:
    now = Parameter("now", models.DateTimeField())
    tokens: RefreshTokenQuerySet = apps.get_model("tokens", "RefreshToken").objects
    return tokens.select_related("consent", "user").filter(
        grant_alive(now=now),
        Q(expires=None) | Q(expires__gt=now),
        application=Parameter("client", models.BigIntegerField()),
        token_checksum=Parameter("digest", models.CharField()),
        revoked=None,
    )


_alive: Prepared[RefreshToken] = Prepared(_alive_of_a_digest)
