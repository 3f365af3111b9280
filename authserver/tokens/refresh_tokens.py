"""Refresh tokens: as long as the consent, for its client, not rotated (FAPI 2.0, CBUAE-2.1.14)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from authserver.protocol.errors import InvalidGrant, UnknownGrant
from authserver.protocol.requirements import requirement
from authserver.storage.prepared import Parameter, Prepared, PreparedInserts
from authserver.tokens.handles import digest, new_handle
from authserver.tokens.validity import grant_alive

if TYPE_CHECKING:
    from authserver.tokens.models import AuthorizationCode, RefreshToken
    from clients.models import Client


class RefreshTokenQuerySet(PreparedInserts["RefreshToken"]):
    @requirement("CBUAE-2.1.14", "FAPI2-SP-FINAL-5.3.2.1-9")
    def issue(self, code: AuthorizationCode, *, expires: datetime | None) -> tuple[Any, str]:
        """Store a refresh token for what the code carries; return its row and its value."""
        assert code.consent is not None
        token = new_handle()
        row = self.create(
            user=code.user,
            token="",
            token_checksum=digest(token),
            application_id=code.application_id,
            authorization_code=code,
            consent=code.consent,
            scope=code.scope,
            authorization_details=code.authorization_details,
            resource=code.resource,
            claims=code.claims,
            auth_time=code.auth_time,
            acr=code.acr,
            amr=code.amr,
            expires=expires,
        )
        return row, token

    @requirement("RFC6749-6")
    def find(self, token: str, *, client: Client, now: datetime) -> RefreshToken:
        """Return the client's live refresh token, or raise InvalidGrant.

        The caller has authenticated the client, and holds it when a token is issued.
        """
        found = _alive.first(digest=digest(token), client=client.pk, now=now)
        if found is None:
            known = self.filter(token_checksum=digest(token), application=client).exists()
            refusal = InvalidGrant if known else UnknownGrant
            raise refusal("refresh_token is unknown, ended or revoked")
        return found


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
