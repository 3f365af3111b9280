"""Every opaque handle the server hands out and takes back.

A handle is stored as its SHA-256 and consumed by one conditional statement whose returned row
decides. Nothing outside this package saves or deletes these rows.
"""

from typing import Any

from django.db import models

from authserver.storage.toolkit import AbstractDeviceGrant, AbstractIDToken
from authserver.tokens.access_tokens import AccessToken
from authserver.tokens.codes import AuthorizationCode
from authserver.tokens.pushed_requests import PushedRequest
from authserver.tokens.refresh_tokens import RefreshToken
from authserver.tokens.transactions import AuthorizationTransaction

__all__ = [
    "AccessToken",
    "AuthorizationCode",
    "AuthorizationTransaction",
    "DeviceGrant",
    "IDToken",
    "PushedRequest",
    "RefreshToken",
]


class NoRows(models.Manager[Any]):
    """Asks no table: whoever walks over all models (an admin page, ``dumpdata``) finds nothing."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().none()


class IDToken(AbstractIDToken):
    """The toolkit wants the model; an id_token is not stored, so there is no table."""

    user = None
    application = None
    objects = NoRows()

    class Meta:
        managed = False

    def __str__(self) -> str:
        return "ID token"


class DeviceGrant(AbstractDeviceGrant):
    """Likewise: there is no device grant here, and no table."""

    user = None
    objects = NoRows()

    class Meta:
        managed = False

    def __str__(self) -> str:
        return "Device grant"
