"""Revoking what was handed out, by its owner (RFC 7009) or an operator."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.tokens.handles import digest
from authserver.tokens.models import AccessToken, RefreshToken
from clients.models import Client


@transaction.atomic
def revoke(token: str, *, client: Client, now: datetime) -> bool:
    """Revoke the client's access or refresh token; False where it had no such live token.

    A refresh token takes the access tokens that came from it along, since introspection asks for
    it (RFC7009-2.1).
    """
    checksum = digest(token)
    refresh = RefreshToken.objects.filter(
        token_checksum=checksum, application=client, revoked=None
    ).update(revoked=now)
    if refresh:
        row = RefreshToken.objects.only("authorization_code_id").get(token_checksum=checksum)
        came_from = Q(refresh_token=row)
        if row.authorization_code_id is not None:  # else all that came from no code
            came_from |= Q(authorization_code=row.authorization_code_id)
        AccessToken.objects.filter(came_from, revoked_at=None).update(revoked_at=now)
    access = AccessToken.objects.filter(
        token_checksum=checksum, application=client, revoked_at=None
    ).update(revoked_at=now)
    if refresh or access:
        record(
            Event.TOKEN_REVOKED,
            ecosystem=client.ecosystem.slug,
            actor=client.client_id,
            client_id=client.client_id,
            kind="refresh_token" if refresh else "access_token",
        )
    return bool(refresh or access)
