"""What was granted, by whom, to whom, on what: all that tokens are made of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import models

from authserver.accounts.models import User
from authserver.accounts.subjects import subject
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.claims import NO_CLAIMS, Claims
from clients import permission
from clients.models import Client
from consents.grant import claims_of
from consents.models import Consent

Row = TypeVar("Row", bound=models.Model)

# All that is asked of the person and of the consent while a token is made, or is told by it.
OF_THE_PERSON = ("username", "first_name", "last_name", "email", "display_name", "uid")
OF_THE_CONSENT = ("scope", "claims", "expires_at", "last_used_at")


def with_what_is_asked_of_others(rows: models.QuerySet[Row], *own: str) -> models.QuerySet[Row]:
    """The rows with the person and the consent that they stand on, of which little is read.

    Of the rows themselves, ``own`` is read, or all.
    """
    return rows.select_related("user", "consent").only(
        *(own or [each.name for each in rows.model._meta.concrete_fields]),
        *(f"user__{each}" for each in OF_THE_PERSON),
        *(f"consent__{each}" for each in OF_THE_CONSENT),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A client that acts for itself has no user and no consent.

    ``grant_type`` is the one that it began with: a refresh token carries it on. ``claims`` are
    those that the request named; what is told is held to the consent. ``resource`` are those of
    the grant, which a token may be for some of.
    """

    client: Client
    grant_type: str
    scope: str
    user: User | None = None
    consent: Consent | None = None
    authorization_details: list[Any] = field(default_factory=list)
    resource: Collection[str] = ()
    auth_time: datetime | None = None
    acr: str = ""
    amr: Collection[str] = ()
    nonce: str = ""
    claims: Claims = NO_CLAIMS
    authorization_code: int | None = None  # the key of its row
    refresh_token: int | None = None  # likewise

    @property
    def is_first(self) -> bool:
        """It comes by the grant itself, and no refresh token renews it."""
        return self.refresh_token is None

    @property
    def subject(self) -> str:
        if self.user is None:
            return self.client.client_id
        return subject(self.user, ecosystem=self.client.ecosystem, client=self.client)

    @property
    @requirement("OIDCC-5.5", "OIDCC-5.4")
    def told(self) -> Claims:
        """The claims asked for, by name or by a scope, in the consent, and permitted."""
        if self.consent is None:
            return NO_CLAIMS
        asked = self.claims | Claims.of_scope(self.scope.split())
        return (asked & claims_of(self.consent)).among(permission.claims(self.client))
