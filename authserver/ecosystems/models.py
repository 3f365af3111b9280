"""An ecosystem is an issuer with a path; nothing issued by one is honoured by another."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import RegexValidator
from django.db import models

from authserver.ecosystems import coherence, lifetimes, theme, zones
from authserver.ecosystems.trust import RevocationList, RevokedCertificate, TrustAnchor
from authserver.protocol import profiles
from authserver.protocol.profiles.base import Profile
from authserver.storage.conditions import Condition
from authserver.storage.kept import AnnouncedRows, announces_changes
from authserver.storage.shown_texts import ShownTexts
from authserver.storage.versions import VersionField

__all__ = ["Ecosystem", "RevocationList", "RevokedCertificate", "TrustAnchor"]

RESERVED_SLUGS = {"accounts", "admin", "api", "consents", "docs", "health", "metrics", "static"}
HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
hex_colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", "Write a colour as # and six hex digits.")


def refuse_reserved(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError("This name is needed by the server itself; choose another one.")


def profile_choices() -> list[tuple[str, str]]:
    return [(profile.name, profile.title) for profile in profiles.OFFERED.values()]


def new_salt() -> str:
    """What makes subject identifiers of two ecosystems unrelated; never changed afterwards."""
    return secrets.token_urlsafe(32)


@announces_changes
class Ecosystem(ShownTexts, models.Model):
    """One issuer: its profile, its limits (only stricter than the profile's), its face."""

    class SubjectType(models.TextChoices):
        PAIRWISE = "pairwise", "Pairwise: another identifier for every participant"
        PUBLIC = "public", "Public: one identifier for all participants"

    class LoginPolicy(models.TextChoices):
        TWO_FACTORS = "two_factors", "Two factors"
        ONE_FACTOR = "one_factor", "One factor (for conformance tests only)"

    ALIVE = Condition(models.Q(is_active=True))

    slug = models.SlugField(
        unique=True,
        validators=[refuse_reserved],
        help_text="The path of the issuer. It cannot be changed once clients use it.",
    )
    name = models.CharField(max_length=100, help_text="Shown to people and operators.")
    issuer = models.URLField(
        unique=True, help_text="The issuer identifier: https, ending in the path above."
    )
    machine_base = models.URLField(
        help_text="The same endpoints on the listener that asks for client certificates"
        " (published as mtls_endpoint_aliases).",
    )
    profile = models.CharField(
        max_length=50, choices=profile_choices, help_text="The rules that all clients are held to."
    )
    is_active = models.BooleanField(
        default=True, help_text="Switched off, every endpoint of the ecosystem answers 404."
    )
    subject_type = models.CharField(
        max_length=10, choices=SubjectType, default=SubjectType.PAIRWISE
    )
    login_policy = models.CharField(
        max_length=20, choices=LoginPolicy, default=LoginPolicy.TWO_FACTORS
    )
    signing_algorithm = models.CharField(
        max_length=10,
        default="PS256",
        choices=[("PS256", "PS256"), ("ES256", "ES256"), ("Ed25519", "Ed25519")],
        help_text="What we sign with, unless a client is registered for another one.",
    )
    scopes = models.JSONField(
        default=dict,
        blank=True,
        help_text="Scope name to the sentence that a person reads on the consent screen.",
    )
    client_credentials_scopes = models.JSONField(
        default=list,
        blank=True,
        help_text="Scopes that a client may have for itself, without a person's consent.",
    )
    claims = models.JSONField(
        default=list,
        db_default=[],
        blank=True,
        help_text="What a client may be told of a person one by one, by the claims parameter. What"
        " the scopes profile and email cover is on offer with them.",
    )
    authorization_details_types = models.JSONField(
        default=list, blank=True, help_text="Types on offer here, by their full names."
    )
    dpop_nonce_required = models.BooleanField(
        default=False, help_text="Demand a nonce of ours in every DPoP proof (RFC 9449, 8)."
    )
    access_token_seconds = lifetimes.seconds("access_token_seconds")
    request_uri_seconds = lifetimes.seconds("request_uri_seconds")
    authorization_code_seconds = lifetimes.seconds("authorization_code_seconds")
    transaction_seconds = lifetimes.seconds("transaction_seconds")
    pushed_requests_per_client = models.PositiveIntegerField(
        default=5000,
        db_default=5000,
        validators=lifetimes.between(*lifetimes.WAITING_REQUESTS),
        help_text="So many pushed requests of one client may be alive and not completed; one more"
        " is answered 429.",
    )

    time_zone = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        validators=[zones.refuse_unknown],
        help_text="Where its people live, for example Asia/Dubai: times on their pages are shown as"
        " there, and a date in a request includes that day there. Empty: as the profile says.",
    )
    languages = models.JSONField(default=list, blank=True, help_text="For example: en, ar.")
    privacy_url = models.URLField(blank=True)
    terms_url = models.URLField(blank=True)
    support = models.CharField(
        max_length=200, blank=True, help_text="How people reach help: a telephone number, a URL."
    )
    accent_colour = models.CharField(max_length=7, default="#0b5cad", validators=[hex_colour])
    logo_text = models.CharField(max_length=40, blank=True, help_text="Beside the name; optional.")
    subject_salt = models.CharField(max_length=43, default=new_salt, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    version = VersionField()

    objects = AnnouncedRows.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = lifetimes.OF_AN_ECOSYSTEM

    def __str__(self) -> str:
        return self.name

    @property
    def rules(self) -> Profile:
        return profiles.named(self.profile)

    @property
    def zone(self) -> ZoneInfo:
        """Where its people live: in whose days dates are counted and times are shown."""
        return ZoneInfo(self.time_zone or self.rules.time_zone)

    @property
    def access_token_lifetime(self) -> timedelta:
        return _stricter(
            self.access_token_seconds,
            self.rules.access_token_lifetime,
            self.rules.max_access_token_lifetime,
        )

    @property
    def request_uri_lifetime(self) -> timedelta:
        ceiling = self.rules.max_request_uri_lifetime
        return _stricter(self.request_uri_seconds, self.rules.request_uri_lifetime, ceiling)

    @property
    def authorization_code_lifetime(self) -> timedelta:
        ceiling = self.rules.authorization_code_lifetime
        return _stricter(self.authorization_code_seconds, ceiling, ceiling)

    @property
    def transaction_lifetime(self) -> timedelta:
        ceiling = self.rules.transaction_lifetime
        return _stricter(self.transaction_seconds, ceiling, ceiling)

    def endpoint(self, path: str) -> str:
        """The URL of an endpoint on the ordinary listener; ``path`` like ``/par``."""
        return self.issuer + path

    def endpoint_urls(self, path: str) -> tuple[str, str]:
        """Both names of an endpoint for machines: the ordinary one and its mTLS alias."""
        return self.issuer + path, self.machine_base + path

    def clean(self) -> None:
        problems = {}
        if self.issuer and (
            not self.issuer.startswith("https://") or not self.issuer.endswith(f"/{self.slug}")
        ):
            problems["issuer"] = "Must be an https URL that ends in the path."  # RFC8414-2
        if self.machine_base and (
            not self.machine_base.startswith("https://")
            or not self.machine_base.endswith(f"/{self.slug}")
        ):
            problems["machine_base"] = "Must be an https URL that ends in the path."
        if HEX_COLOUR.fullmatch(self.accent_colour) and (
            sentence := theme.why_not_an_accent(self.accent_colour)
        ):
            problems["accent_colour"] = sentence
        for check in coherence.CHECKS:
            problems |= dict(check(self))
        if self.profile:
            problems |= self.limits_beyond_the_profile()
            if self.signing_algorithm not in self.rules.signing_algorithms:
                problems["signing_algorithm"] = (
                    f"{self.rules.title} allows {', '.join(self.rules.signing_algorithms)}"
                    f" [{self.rules.clauses['signing_algorithms']}]."
                )
            if self.subject_type not in self.rules.subject_types:
                problems["subject_type"] = (
                    f"{self.rules.title} allows {', '.join(self.rules.subject_types)}"
                    f" [{self.rules.clauses['subject_types']}]."
                )
            if broken := self._clients_that_would_break():
                problems[NON_FIELD_ERRORS] = " ".join(["Registered clients would break.", *broken])
        if problems:
            raise ValidationError(problems)

    def _clients_that_would_break(self) -> list[str]:
        if (stored := Ecosystem.objects.filter(pk=self.pk).first()) is None:
            return []
        return coherence.clients_that_would_break(self.clients.all(), before=stored, after=self)

    def limits_beyond_the_profile(self) -> dict[str, str]:
        """Field -> sentence, for every lifetime that is longer than the profile allows."""
        rules, of_a_code = self.rules, self.rules.authorization_code_lifetime
        ceilings = {
            "access_token_seconds": ("max_access_token_lifetime", rules.max_access_token_lifetime),
            "request_uri_seconds": ("max_request_uri_lifetime", rules.max_request_uri_lifetime),
            "authorization_code_seconds": ("authorization_code_lifetime", of_a_code),
            "transaction_seconds": ("transaction_lifetime", rules.transaction_lifetime),
        }
        return {
            name: f"At most {ceiling.total_seconds():.0f} [{rules.clauses[rule]}]."
            for name, (rule, ceiling) in ceilings.items()
            if (getattr(self, name) or 0) > ceiling.total_seconds()
        }


def _stricter(seconds: int | None, default: timedelta, ceiling: timedelta) -> timedelta:
    return min(timedelta(seconds=seconds) if seconds else default, ceiling)
