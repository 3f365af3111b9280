"""Participants of an ecosystem and whom to call there; import them from ``clients.models``."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from authserver.ecosystems.models import Ecosystem
from authserver.protocol.requirements import case, requirement
from authserver.storage.conditions import Condition
from authserver.storage.shown_texts import ShownTexts
from authserver.storage.versions import VersionField


class State(models.TextChoices):
    PENDING = "pending", "Pending: registered, not yet allowed in"
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended: refused everywhere, at once"


class Participant(ShownTexts, models.Model):
    """A bank or fintech of an ecosystem; suspending it suspends everything it runs."""

    LET_IN = Condition(models.Q(state=State.ACTIVE))
    ALIVE = LET_IN & Ecosystem.ALIVE.under("ecosystem")

    ecosystem = models.ForeignKey(Ecosystem, on_delete=models.PROTECT, related_name="participants")
    legal_name = models.CharField(max_length=200)
    trading_name = models.CharField(
        max_length=100, help_text="The name that people see on the consent screen."
    )
    registration_number = models.CharField(
        max_length=100, blank=True, help_text="Licence or company number, shown in small print."
    )
    website = models.URLField(blank=True)
    roles = models.JSONField(
        default=list, blank=True, help_text="For example: TPP, LFI. One participant can be both."
    )
    notification_url = models.URLField(
        "notification endpoint",
        blank=True,
        default="",
        db_default="",
        help_text="Where its own server is told that an answer is there, instead of polling.",
    )
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    created_at = models.DateTimeField(auto_now_add=True)
    version = VersionField()

    class Meta:
        ordering = ["trading_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["ecosystem", "legal_name"], name="one_legal_name_per_ecosystem"
            )
        ]

    def __str__(self) -> str:
        return self.trading_name

    @case("AD-07")
    @requirement("FFI-19")
    def clean(self) -> None:
        """It may ask, answer or both; what it is called back at is https like all we link to."""
        problems = {
            field: "An address that starts with https://."
            for field in ("website", "notification_url")
            if getattr(self, field) and not getattr(self, field).startswith("https://")
        }
        if problems:
            raise ValidationError(problems)


class Contact(ShownTexts, models.Model):
    """Whom to call: business, technical, security."""

    class Kind(models.TextChoices):
        BUSINESS = "business", "Business"
        TECHNICAL = "technical", "Technical"
        SECURITY = "security", "Security"

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=150)
    email = models.EmailField()
    telephone = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.get_kind_display()})"
