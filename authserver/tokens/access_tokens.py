"""Access tokens as rows: the record of what was issued, asked at every introspection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform

from authserver.ecosystems.models import Ecosystem
from authserver.ecosystems.revocation import is_required_in
from authserver.protocol.requirements import case, requirement
from authserver.storage.conditions import NOW, Condition
from authserver.storage.indexes import index_where_not_null
from authserver.storage.prepared import Parameter, Prepared, PreparedInserts
from authserver.storage.toolkit import AbstractAccessToken
from authserver.tokens import validity
from authserver.tokens.codes import AuthorizationCode
from authserver.tokens.granted import with_what_is_asked_of_others
from authserver.tokens.handles import digest
from authserver.tokens.refresh_tokens import RefreshToken
from clients import permission, registered


class AccessTokenQuerySet(PreparedInserts["AccessToken"]):
    def alive(self, *, now: datetime | Combinable) -> AccessTokenQuerySet:
        """Those that can be used: they, and all that they stand on, are alive."""
        return self.alias(bound_to=KeyTextTransform("x5t#S256", "cnf")).filter(
            validity.alive(now=now),
            validity.certificate_alive(thumbprint="bound_to", now=now),
            AccessToken.ALIVE.q(now=now),
        )

    def standing(self, *, now: datetime | Combinable) -> AccessTokenQuerySet:
        """As ``alive``, where the keys are asked about elsewhere: who signed, who is bound."""
        return self.filter(validity.stands(now=now), AccessToken.ALIVE.q(now=now))

    def find_alive(
        self, token: str, ecosystem: Ecosystem, *, now: datetime, of_a_person: bool = False
    ) -> AccessToken | None:
        """The row of a token of the ecosystem while it, and all that it stands on, is alive.

        One statement, which also finds how its client is registered: that comes with the row. Its
        scope is the part that is still permitted. ``of_a_person`` brings the person, and what the
        consent says of claims; other columns of theirs are not read.
        """
        values = {"digest": digest(token), "ecosystem": ecosystem.pk, "now": now}
        by_lists = is_required_in(ecosystem)
        row: Any = STATEMENTS[by_lists, of_a_person].first(**values)
        if row is None:
            return None
        client = registered.copy_of(row, ecosystem)
        if client is None:  # whatever was said of it, and of lists, was of before
            row = _whole.first(**values)
            return None if row is None else _as_permitted(row)
        if not by_lists and not validity.by_registered_keys(row, client):
            return None
        row.application = client
        return _as_permitted(row)


class AccessToken(AbstractAccessToken):
    """An access token, JWT or opaque; alive only while all that it stands on is.

    The certificate's issuer and serial number are empty where the token is bound to none, and in
    the rows of before they were kept: those end with the certificate only if it is registered.
    ``signing_key`` is the kid of the key that signed it, empty where none did, and in the rows of
    before: those do not end with the key. ``grant_type`` is empty in the rows of before, too: they
    came by a code, or for the client itself.
    """

    ALIVE = (
        Condition(models.Q(revoked_at=None, expires__gt=NOW))
        & RefreshToken.UNREVOKED.if_any("refresh_token")
        & AuthorizationCode.UNREPLAYED.if_any("authorization_code")
    )

    source_refresh_token = None
    id_token = None
    created = models.DateTimeField(help_text="When it was issued: its iat.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        blank=True,
        null=True,
        related_name="%(app_label)s_%(class)s",
        db_index=False,
    )
    application = models.ForeignKey(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
        on_delete=models.CASCADE,
        blank=True,
        null=True,
        db_index=False,
    )
    jti = models.CharField(max_length=43, help_text="Random: nobody looks for it.")
    authorization_code = models.ForeignKey(
        AuthorizationCode, on_delete=models.CASCADE, null=True, db_index=False
    )
    refresh_token = models.ForeignKey(
        RefreshToken, on_delete=models.CASCADE, null=True, db_index=False
    )
    consent = models.ForeignKey(
        "consents.Consent", on_delete=models.CASCADE, null=True, db_index=False
    )
    subject = models.CharField(max_length=255)
    authorization_details = models.JSONField(default=list)
    cnf = models.JSONField(default=dict)
    certificate_issuer = models.TextField(
        blank=True, db_default="", help_text="Of the certificate in cnf, as RFC 4514 writes names."
    )
    certificate_serial_number = models.TextField(
        blank=True, db_default="", help_text="Hexadecimal."
    )
    signing_key = models.CharField(max_length=64, blank=True, db_default="", help_text="Its kid.")
    auth_time = models.DateTimeField(null=True)
    acr = models.CharField(max_length=100, blank=True)
    claims = models.TextField(blank=True)
    grant_type = models.CharField(
        max_length=100,
        blank=True,
        db_default="",
        help_text="The one that it came by, or that the refresh token renews.",
    )
    revoked_at = models.DateTimeField(null=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta(AbstractAccessToken.Meta):
        indexes = [
            models.Index(fields=["expires"], name="access_tokens_by_expiry"),
            models.Index(fields=["application", "id"], name="access_tokens_of_a_client"),
            index_where_not_null("authorization_code", name="access_tokens_of_a_code"),
            index_where_not_null("refresh_token", name="access_tokens_of_a_refresh"),
            index_where_not_null("consent", name="access_tokens_of_a_consent"),
            index_where_not_null("user", name="access_tokens_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"Access token {self.pk}"

    @property
    def grant_types(self) -> tuple[str, ...]:
        """Those that the client must still be registered for."""
        alone = self.user_id is None
        first = self.grant_type or ("client_credentials" if alone else "authorization_code")
        return permission.grant_types_of(first, renewed=self.refresh_token_id is not None)


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


OF_TOKENS = (
    "application",
    "created",
    "expires",
    "scope",
    "resource",
    "jti",
    "refresh_token",
    "grant_type",
    "signing_key",
    "subject",
    "authorization_details",
    "cnf",
    "auth_time",
    "acr",
    "claims",
    "user",
)
INSTANT = Parameter("now", models.DateTimeField())


def _of_a_digest(rows: AccessTokenQuerySet) -> models.QuerySet[AccessToken]:
    return rows.filter(
        token_checksum=Parameter("digest", models.CharField()),
        application__ecosystem=Parameter("ecosystem", models.BigIntegerField()),
    )


def _narrow(rows: AccessTokenQuerySet, *, of_a_person: bool) -> models.QuerySet[AccessToken]:
    """The rows with the versions of what is registered, and little else."""
    named = _of_a_digest(rows).annotate(**registered.said_of_the_client("application"))
    if of_a_person:
        return with_what_is_asked_of_others(named, *OF_TOKENS, "consent")
    return named.only(*OF_TOKENS)


# By whether a list of a CA is required, and whether the person is needed.
STATEMENTS: dict[tuple[bool, bool], Prepared[AccessToken]] = {
    (True, True): Prepared(
        lambda: _narrow(AccessToken.objects.alive(now=INSTANT), of_a_person=True)
    ),
    (True, False): Prepared(
        lambda: _narrow(AccessToken.objects.alive(now=INSTANT), of_a_person=False)
    ),
    (False, True): Prepared(
        lambda: _narrow(AccessToken.objects.standing(now=INSTANT), of_a_person=True)
    ),
    (False, False): Prepared(
        lambda: _narrow(AccessToken.objects.standing(now=INSTANT), of_a_person=False)
    ),
}
_whole: Prepared[AccessToken] = Prepared(
    lambda: _of_a_digest(AccessToken.objects.alive(now=INSTANT)).select_related(
        "application__participant", "application__ecosystem", "consent", "user"
    )
)
