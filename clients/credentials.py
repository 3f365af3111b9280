"""What clients prove themselves with; import these models from ``clients.models``."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from authserver.storage.conditions import NOW, Condition


class ClientKeySet(models.Model):
    """What was fetched from a client's JWKS URI, and when it may or must be asked again."""

    client = models.OneToOneField(
        "clients.Client", on_delete=models.CASCADE, related_name="key_set"
    )
    uri = models.URLField()
    keys = models.JSONField(default=dict)
    fetched_at = models.DateTimeField(null=True)
    fresh_until = models.DateTimeField(null=True)
    next_fetch_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.uri

    def is_fresh(self, *, uri: str, now: datetime) -> bool:
        return self.uri == uri and self.fresh_until is not None and now < self.fresh_until


class ClientCertificate(models.Model):
    """A certificate that a client may present. Several are valid at once, so it can rotate."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        REVOKED = "revoked", "Revoked"

    # We did not take it back. Whether its CA did is the ecosystem's to say: its lists are there.
    UNREVOKED = Condition(models.Q(state=State.ACTIVE))
    ALIVE = UNREVOKED & Condition(models.Q(not_after__gt=NOW))

    client = models.ForeignKey(
        "clients.Client", on_delete=models.CASCADE, related_name="certificates", db_index=False
    )
    pem = models.TextField("certificate", help_text="One certificate in PEM, and no private key.")
    thumbprint = models.CharField(
        max_length=43, editable=False, db_index=True, help_text="x5t#S256 (RFC 8705)."
    )
    subject = models.CharField(max_length=500, editable=False)
    issuer = models.CharField(max_length=500, editable=False)
    serial_number = models.CharField(max_length=50, editable=False)
    not_before = models.DateTimeField(editable=False)
    not_after = models.DateTimeField(editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-not_after"]
        constraints = [
            models.UniqueConstraint(fields=["client", "thumbprint"], name="one_certificate_once")
        ]

    def __str__(self) -> str:
        return f"{self.subject} until {self.not_after:%Y-%m-%d}"
