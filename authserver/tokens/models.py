"""Every opaque handle the server hands out and takes back.

A handle is stored as its SHA-256 and consumed by one conditional statement whose returned row
decides. Nothing outside this package saves or deletes these rows.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from authserver.tokens.access_tokens import AccessTokenQuerySet
from authserver.tokens.codes import AuthorizationCodeQuerySet
from authserver.tokens.pushed_requests import PushedRequestQuerySet
from authserver.tokens.refresh_tokens import RefreshTokenQuerySet
from authserver.tokens.transactions import TransactionQuerySet
from clients import permission


class PushedRequest(models.Model):
    """A request that passed every check of its client's profile (RFC 9126)."""

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    parameters = models.JSONField()
    dpop_jkt = models.CharField(max_length=64, blank=True)
    consent = models.ForeignKey("consents.Consent", on_delete=models.CASCADE, null=True)
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
            models.Index(
                fields=["client", "expires_at"],
                condition=models.Q(completed_at=None),
                name="waiting_pushed_requests",
            )
        ]


class AuthorizationTransaction(models.Model):
    """One browser's way through one pushed request: from the first visit to the answer."""

    class Decision(models.TextChoices):
        APPROVED = "approved"
        REFUSED = "refused"

    pushed_request = models.ForeignKey(
        PushedRequest, on_delete=models.CASCADE, related_name="transactions"
    )
    handle = models.CharField(max_length=43, unique=True, help_text="Opaque; in our own URLs.")
    browser_digest = models.CharField(max_length=64, help_text="SHA-256 of the browser's cookie.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True)
    consent = models.ForeignKey("consents.Consent", on_delete=models.CASCADE, null=True)
    choices = models.JSONField(default=dict)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    page_was_shown = models.BooleanField(default=False)
    extended = models.BooleanField(default=False)
    opened_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    completed_at = models.DateTimeField(null=True)

    objects = TransactionQuerySet.as_manager()

    def goes_on(self, *, now: datetime) -> bool:
        """True until it is decided, or its time is over."""
        return not self.decision and self.completed_at is None and self.expires_at > now

    @property
    def was_answered_in_time(self) -> bool:
        return self.completed_at is not None and self.completed_at < self.expires_at


class AuthorizationCode(AbstractGrant):
    """A code; ``code`` holds its digest. What was replayed kills all that it gave."""

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
        indexes = [models.Index(fields=["expires"], name="codes_by_expiry")]

    def __str__(self) -> str:
        return f"Authorization code {self.pk}"


class RefreshToken(AbstractRefreshToken):
    """Lives exactly as long as its consent, belongs to its client, and is not rotated."""

    access_token = None
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
        indexes = ()  # type: ignore[assignment]
        constraints = [
            models.UniqueConstraint(fields=["token_checksum"], name="one_refresh_token_once")
        ]

    def __str__(self) -> str:
        return f"Refresh token {self.pk}"


class AccessToken(AbstractAccessToken):
    """An access token, JWT or opaque; alive only while all that it stands on is.

    The certificate's issuer and serial number are empty where the token is bound to none, and in
    the rows of before they were kept: those end with the certificate only if it is registered.
    ``signing_key`` is the kid of the key that signed it, empty where none did, and in the rows of
    before: those do not end with the key. ``grant_type`` is empty in the rows of before, too: they
    came by a code, or for the client itself.
    """

    source_refresh_token = None
    id_token = None
    created = models.DateTimeField(help_text="When it was issued: its iat.")
    jti = models.CharField(max_length=43, unique=True)
    authorization_code = models.ForeignKey(AuthorizationCode, on_delete=models.CASCADE, null=True)
    refresh_token = models.ForeignKey(RefreshToken, on_delete=models.CASCADE, null=True)
    consent = models.ForeignKey("consents.Consent", on_delete=models.CASCADE, null=True)
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
        indexes = [models.Index(fields=["expires"], name="access_tokens_by_expiry")]

    def __str__(self) -> str:
        return f"Access token {self.pk}"

    @property
    def grant_types(self) -> tuple[str, ...]:
        """Those that the client must still be registered for."""
        alone = self.user_id is None
        first = self.grant_type or ("client_credentials" if alone else "authorization_code")
        return permission.grant_types_of(first, renewed=self.refresh_token_id is not None)


class IDToken(AbstractIDToken):
    """The toolkit wants the model; we never write one: an id_token is not stored."""
