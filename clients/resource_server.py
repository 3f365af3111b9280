"""Resource servers: the APIs that take our tokens; import the model from ``clients.models``."""

from __future__ import annotations

from contextlib import suppress

from django.core.exceptions import ValidationError
from django.db import models

from authserver.ecosystems.models import Ecosystem
from authserver.outbound import fault_in
from authserver.protocol.profiles.checks import type_is_listed
from authserver.protocol.requirements import case
from authserver.storage.conditions import Condition
from authserver.storage.encryption import SecretElsewhere, sealed, unsealed
from authserver.storage.shown_texts import ShownTexts
from clients.participant import Participant


class ResourceServer(ShownTexts, models.Model):
    """An API that takes our tokens: its identifier is their audience."""

    class Format(models.TextChoices):
        JWT = "jwt", "JWT (RFC 9068)"
        OPAQUE = "opaque", "Opaque, by introspection"

    ALIVE = Condition(models.Q(is_active=True))

    ecosystem = models.ForeignKey(
        Ecosystem, on_delete=models.PROTECT, related_name="resource_servers"
    )
    participant = models.ForeignKey(
        Participant,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="resource_servers",
    )
    name = models.CharField(max_length=100)
    identifier = models.URLField(help_text="The audience of its tokens (RFC 8707 resource).")
    scopes = models.JSONField(default=list, blank=True, help_text="Scopes that reach it.")
    authorization_details_types = models.JSONField(
        default=list, blank=True, help_text="Types that reach it: full names, or a prefix and *."
    )
    token_format = models.CharField(max_length=10, choices=Format, default=Format.JWT)
    client = models.OneToOneField(
        "clients.Client",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="resource_server",
        help_text="The client by which it authenticates to introspect tokens.",
    )
    encryption_jwk = models.JSONField(
        null=True, blank=True, help_text="Encrypt its JWT access tokens to this public key."
    )
    account_source_url = models.URLField(
        blank=True, help_text="Where the bank says which accounts a person has."
    )
    encrypted_account_source_token = models.TextField(
        blank=True, default="", editable=False, db_column="account_source_token"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["ecosystem", "identifier"], name="one_identifier_per_ecosystem"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    @case("AD-12")
    def account_source_token(self) -> str:
        """The bank's bearer token, empty where there is none; SecretElsewhere if it was given for
        another address than the one it would be sent to now, or cannot be read.
        """
        if not self.encrypted_account_source_token:
            return ""
        return unsealed(self.encrypted_account_source_token, destination=self.account_source_url)

    @account_source_token.setter
    def account_source_token(self, token: str) -> None:
        """Seal it for the address that stands here now; what is sealed so already stays."""
        with suppress(SecretElsewhere):
            if token == self.account_source_token:
                return
        self.encrypted_account_source_token = (
            sealed(token, destination=self.account_source_url) if token else ""
        )

    def forget_a_token_of_another_address(self) -> None:
        """It is asked for again where it would go somewhere else."""
        try:
            self.account_source_token  # noqa: B018 - asked whether it can be read
        except SecretElsewhere:
            self.encrypted_account_source_token = ""

    def clean(self) -> None:
        """It stays in its ecosystem: one that reached out of it would serve two issuers."""
        if not self.ecosystem_id:
            return
        problems: dict[str, list[str]] = {}
        for name in ("participant", "client"):
            other = getattr(self, name)
            if other is not None and other.ecosystem_id != self.ecosystem_id:
                problems[name] = ["It belongs to another ecosystem."]
        if unknown := sorted(set(self.scopes) - set(self.ecosystem.scopes)):
            problems["scopes"] = [f"Not on offer here: {', '.join(unknown)}."]
        offered = self.ecosystem.authorization_details_types
        for type_or_prefix in self.authorization_details_types:
            if not any(type_is_listed(each, [type_or_prefix]) for each in offered):
                problems.setdefault("authorization_details_types", []).append(
                    f"Not on offer here: {type_or_prefix}."
                )
        if not self.identifier.startswith("https://") or "#" in self.identifier:
            problems["identifier"] = ["An https URL without a fragment [RFC8707-2]."]
        if self.account_source_url and (fault := fault_in(self.account_source_url)):
            problems["account_source_url"] = [f"It could not be fetched: {fault}."]
        if problems:
            raise ValidationError(problems)
