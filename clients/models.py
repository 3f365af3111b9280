"""Participants of an ecosystem, their clients, and what those prove themselves with.

Client extends the toolkit's application model, of whose columns six are left. It has no secret, so
there is no way to authenticate by leaving one blank.
"""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import models

from authserver.ecosystems import lifetimes
from authserver.ecosystems.models import Ecosystem
from authserver.outbound import fault_in
from authserver.protocol.profiles.registration import problems_with
from authserver.storage.conditions import Condition
from authserver.storage.shown_texts import ShownTexts
from authserver.storage.toolkit import AbstractApplication
from authserver.storage.versions import VersionField
from clients.credentials import ClientCertificate, ClientKeySet
from clients.participant import Contact, Participant, State
from clients.resource_server import ResourceServer

__all__ = [
    "Client",
    "ClientCertificate",
    "ClientKeySet",
    "Contact",
    "Participant",
    "ResourceServer",
    "State",
]


class Client(ShownTexts, AbstractApplication):
    """Software of a participant: an OAuth client, always confidential.

    Settings may be stricter than the ecosystem's profile, never weaker.
    """

    class AuthMethod(models.TextChoices):
        PRIVATE_KEY_JWT = "private_key_jwt", "private_key_jwt: a signed assertion"
        TLS_CLIENT_AUTH = "tls_client_auth", "tls_client_auth: a certificate of a trusted CA"
        SELF_SIGNED = "self_signed_tls_client_auth", "self_signed_tls_client_auth (behind nginx)"

    class ResponseMode(models.TextChoices):
        QUERY = "query", "Plain: parameters in the query"
        JWT = "jwt", "Signed: one JWT (JARM)"

    class TokenFormat(models.TextChoices):
        BY_RESOURCE = "", "As the resource server wants it"
        JWT = "jwt", "JWT (RFC 9068)"
        OPAQUE = "opaque", "Opaque, by introspection"

    # Everything that it depends on is active: itself, its participant, its ecosystem.
    ALIVE = Condition(models.Q(state=State.ACTIVE)) & Participant.ALIVE.under("participant")

    # The gate knows it from the query that loads the client; whoever does not know assumes it.
    revocation_is_checked = True

    # The toolkit's columns for what there is not, or not there: a client is a participant's and no
    # person's, has the grants of ``grant_types``, and is never asked for the others.
    client_secret = None
    hash_client_secret = None  # type: ignore[assignment]
    user = None
    client_type = None  # type: ignore[assignment]
    authorization_grant_type = None  # type: ignore[assignment]
    skip_authorization = None  # type: ignore[assignment]
    algorithm = None  # type: ignore[assignment]
    allowed_origins = None  # type: ignore[assignment]
    post_logout_redirect_uris = None  # type: ignore[assignment]
    registration_source = None  # type: ignore[assignment]
    cimd_expires_at = None

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="clients")
    ecosystem = models.ForeignKey(
        Ecosystem, on_delete=models.PROTECT, related_name="clients", editable=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    description = models.CharField(max_length=300, blank=True)

    token_endpoint_auth_method = models.CharField(
        "client authentication",
        max_length=40,
        choices=AuthMethod,
        default=AuthMethod.PRIVATE_KEY_JWT,
    )
    client_jwks_uri = models.URLField(
        "JWKS URI", blank=True, help_text="Where the client publishes its keys; fetched and cached."
    )
    client_jwks = models.JSONField(
        "JWKS by value",
        null=True,
        blank=True,
        help_text="Only where the profile allows keys by value.",
    )
    tls_client_auth_subject_dn = models.CharField(
        "subject DN",
        max_length=500,
        blank=True,
        help_text="For tls_client_auth: the certificate's subject (RFC 4514), or one SAN below.",
    )
    tls_client_auth_san_dns = models.CharField("SAN: DNS name", max_length=253, blank=True)
    tls_client_auth_san_uri = models.CharField("SAN: URI", max_length=500, blank=True)
    tls_client_auth_san_ip = models.CharField("SAN: IP address", max_length=45, blank=True)
    tls_client_auth_san_email = models.CharField("SAN: e-mail", max_length=254, blank=True)
    pin_certificates = models.BooleanField(
        default=False,
        help_text="Accept only certificates registered below, by thumbprint.",
    )

    grant_types = models.JSONField(default=list, blank=True)
    scopes = models.JSONField(default=list, blank=True)
    claims = models.JSONField(
        default=list,
        db_default=[],
        blank=True,
        help_text="What it may be told of a person one by one, by the claims parameter. What the"
        " scopes profile and email cover it may ask for with them.",
    )
    authorization_details_types = models.JSONField(
        default=list, blank=True, help_text="Full names, or a prefix ending in *."
    )
    require_pushed_authorization_requests = models.BooleanField(default=True, editable=False)
    require_signed_request_object = models.BooleanField(
        default=False, help_text="Refuse pushed requests that are not signed."
    )
    dpop_bound_access_tokens = models.BooleanField(
        "bind tokens by DPoP",
        default=False,
        help_text="Otherwise tokens are bound to the client certificate.",
    )
    tls_client_certificate_bound_access_tokens = models.BooleanField(
        "bind tokens to the certificate",
        default=True,
        help_text="Off is for profiles that let a token go unbound.",
    )
    authorization_response_mode = models.CharField(
        max_length=10, choices=ResponseMode, default=ResponseMode.QUERY
    )
    signing_algorithm = models.CharField(
        max_length=10,
        blank=True,
        choices=[("PS256", "PS256"), ("ES256", "ES256"), ("Ed25519", "Ed25519")],
        help_text="What the client signs with. Empty: any that the profile allows.",
    )
    id_token_signed_response_alg = models.CharField(
        "our signing algorithm",
        max_length=10,
        blank=True,
        choices=[("PS256", "PS256"), ("ES256", "ES256"), ("Ed25519", "Ed25519")],
        help_text="What we sign with for this client. Empty: as the ecosystem.",
    )
    introspection_signed_response = models.BooleanField(
        default=False, help_text="Answer its introspection requests as a signed JWT (RFC 9701)."
    )
    access_token_format = models.CharField(
        max_length=10, blank=True, choices=TokenFormat, default=TokenFormat.BY_RESOURCE
    )
    access_token_seconds = lifetimes.seconds(
        "access_token_seconds", help_text="Only shorter than the ecosystem's."
    )
    allowed_addresses = models.JSONField(
        default=list,
        blank=True,
        help_text="Addresses or networks it may call from, in addition to everything else.",
    )

    version = VersionField()

    class Meta:
        ordering = ["name"]
        constraints = [
            lifetimes.is_sensible(
                "access_token_seconds", lifetimes.SECONDS["access_token_seconds"], of="client"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.client_id

    def get_absolute_url(self) -> str:
        return ""

    @property
    def registered_redirect_uris(self) -> Collection[str]:
        return self.redirect_uris.split()

    @property
    def is_allowed_in(self) -> bool:
        return self.ALIVE.holds(self)

    @property
    def signing_algorithms(self) -> tuple[str, ...]:
        """What we accept from it: its own algorithm if the profile allows it, else all of those."""
        allowed = self.participant.ecosystem.rules.signing_algorithms
        return (self.signing_algorithm,) if self.signing_algorithm in allowed else allowed

    def allows_grant_type(self, *grant_types: str) -> bool:
        return not set(grant_types).isdisjoint(self.grant_types)

    def redirect_uri_allowed(self, uri: str) -> bool:
        return uri in self.registered_redirect_uris

    def is_usable(self, request: object) -> bool:
        return self.is_allowed_in

    def save(self, *args: object, **kwargs: object) -> None:
        self._settle()
        super().save(*args, **kwargs)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        if self.participant_id:
            self._settle()
        super().clean_fields(exclude)

    def _settle(self) -> None:
        """What nobody chooses: the ecosystem is the participant's."""
        self.ecosystem = self.participant.ecosystem

    def clean(self) -> None:
        if not self.participant_id:
            return
        self._settle()
        problems: dict[str, list[str]] = {}
        for problem in problems_with(self, self.ecosystem.rules):
            problems.setdefault(problem.field, []).append(str(problem))
        uri = self.client_jwks_uri
        if uri and "client_jwks_uri" not in problems and (fault := fault_in(uri)):
            problems["client_jwks_uri"] = [f"It could not be fetched: {fault}."]
        if problems:
            raise ValidationError(problems)
