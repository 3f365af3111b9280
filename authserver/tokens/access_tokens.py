"""Access tokens as rows: the record of what was issued, asked at every introspection."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform

from authserver.protocol.requirements import case, requirement
from authserver.storage.prepared import Parameter, Prepared, PreparedInserts
from authserver.tokens.handles import digest
from authserver.tokens.validity import alive, certificate_alive
from clients import permission

if TYPE_CHECKING:
    from authserver.tokens.models import AccessToken


class AccessTokenQuerySet(PreparedInserts["AccessToken"]):
    def find_alive(self, token: str, *, now: datetime) -> AccessToken | None:
        """The token's row while it, and all that it stands on, is alive; one statement.

        The row's scope is the part that the client's registration still permits.
        """
        access_token = _alive.first(digest=digest(token), now=now)
        return _as_permitted(access_token) if access_token is not None else None


@case("TK-12")
@requirement("RFC7662-2.2")
def _as_permitted(token: AccessToken) -> AccessToken | None:
    assert token.application is not None
    left = permission.left_of(
        token.application,
        scope=token.scope,
        authorization_details=token.authorization_details,
        grant_types=token.grant_types,
        alone=token.user_id is None,
    )
    if left is None:
        return None
    token.scope = left.scope
    return token


def _alive_of_a_digest() -> models.QuerySet[AccessToken]:
    now = Parameter("now", models.DateTimeField())
    tokens: AccessTokenQuerySet = apps.get_model("tokens", "AccessToken").objects
    return (
        tokens.select_related(
            "application__participant", "application__ecosystem", "consent", "user"
        )
        .alias(bound_to=KeyTextTransform("x5t#S256", "cnf"))
        .filter(
            alive(now=now),
            certificate_alive(thumbprint="bound_to", now=now),
            token_checksum=Parameter("digest", models.CharField()),
            revoked_at=None,
            expires__gt=now,
        )
        .filter(Q(refresh_token=None) | Q(refresh_token__revoked=None))
    )


_alive: Prepared[AccessToken] = Prepared(_alive_of_a_digest)
