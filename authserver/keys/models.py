from django.db import models

from authserver.storage.conditions import Condition
from authserver.storage.kept import AnnouncedRows, announces_changes


@announces_changes
class SigningKey(models.Model):
    """A key pair of an ecosystem. The private half is encrypted at rest and never shown."""

    class State(models.TextChoices):
        PUBLISHED = "published", "Published: verifiers may learn it, it does not sign yet"
        ACTIVE = "active", "Active: signs"
        RETIRED = "retired", "Retired: no longer signs, still published until nothing needs it"
        WITHDRAWN = "withdrawn", "Withdrawn: no longer published"

    class Use(models.TextChoices):
        SIGNATURE = "sig", "Signature"
        ENCRYPTION = "enc", "Encryption (of request objects, to us)"

    SIGNS = Condition(models.Q(state=State.ACTIVE))
    # Until it is withdrawn it is published, opens what was sealed to it, and what it signed counts.
    VERIFIES = Condition(models.Q(state__in=(State.PUBLISHED, State.ACTIVE, State.RETIRED)))

    ecosystem = models.ForeignKey(
        "ecosystems.Ecosystem", on_delete=models.PROTECT, related_name="signing_keys"
    )
    kid = models.CharField(max_length=64, unique=True)
    algorithm = models.CharField(max_length=20)
    use = models.CharField(max_length=3, choices=Use, default=Use.SIGNATURE)
    state = models.CharField(max_length=10, choices=State, default=State.PUBLISHED)
    public_jwk = models.JSONField()
    encrypted_private_key = models.TextField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = AnnouncedRows.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ecosystem", "algorithm", "use"],
                condition=models.Q(state="active"),
                name="one_active_key_per_algorithm",
            )
        ]

    def __str__(self) -> str:
        return f"{self.algorithm} {self.kid[:12]}"
