"""The CAs that an ecosystem trusts, and what they took back; import from ``ecosystems.models``."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from authserver.storage.conditions import NOW, Condition

ENDS_SOON = 4  # our choice: less than a quarter of a list's life is left


class TrustAnchor(models.Model):
    """A root or issuing CA whose client certificates an ecosystem accepts.

    Issuing CAs are kept too, since a proxy forwards the leaf certificate alone.
    """

    class Kind(models.TextChoices):
        ROOT = "root", "Root CA"
        ISSUING = "issuing", "Issuing CA"

    ecosystem = models.ForeignKey(
        "ecosystems.Ecosystem", on_delete=models.CASCADE, related_name="trust_anchors"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    certificate = models.TextField(help_text="One PEM certificate.")
    subject = models.CharField(max_length=500, editable=False)
    thumbprint = models.CharField(max_length=43, editable=False)
    not_after = models.DateTimeField(editable=False)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ecosystem", "thumbprint"], name="one_anchor_once")
        ]

    def __str__(self) -> str:
        return self.subject


class RevocationList(models.Model):
    """The CRL of a CA: where it comes from, whether it is heeded, what the newest one says.

    A CA without a row is not checked. Where the policy is ``required``, a certificate of the CA
    is refused when it is listed, and when there is no list in date to look it up in.
    """

    class Policy(models.TextChoices):
        NOT_CHECKED = "not_checked", "Not checked: kept, and not heeded"
        REQUIRED = "required", "Required: without a list in date, refused"

    IN_DATE = Condition(models.Q(next_update__gt=NOW))

    anchor = models.OneToOneField(
        TrustAnchor,
        on_delete=models.CASCADE,
        related_name="revocation_list",
        verbose_name="CA",
        help_text="The CA that signs the list; each has its own.",
    )
    url = models.CharField(
        "URL",
        max_length=2000,
        blank=True,
        help_text="Where the CA publishes its complete CRL, by http or https. Empty: it is pasted.",
    )
    policy = models.CharField(max_length=20, choices=Policy, default=Policy.NOT_CHECKED)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    number = models.CharField(
        max_length=50, blank=True, editable=False, help_text="The list's own number, decimal."
    )
    this_update = models.DateTimeField(null=True, editable=False)
    next_update = models.DateTimeField(null=True, editable=False)
    distribution_points = models.JSONField(default=list, editable=False)
    revoked_count = models.PositiveIntegerField(default=0, editable=False)
    revoked_authorities = models.JSONField(
        default=list, editable=False, help_text="Thumbprints of trusted CAs that it names."
    )
    fetched_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=200, blank=True, editable=False)

    def __str__(self) -> str:
        return self.anchor.subject

    @property
    def is_required(self) -> bool:
        return self.policy == self.Policy.REQUIRED

    def is_in_date(self, *, now: datetime) -> bool:
        return self.IN_DATE.holds(self, now=now)

    def ends_soon(self, *, now: datetime) -> bool:
        """True in the last quarter of its life, when a newer one should have come."""
        if self.this_update is None or self.next_update is None:
            return True
        return self.next_update - now < (self.next_update - self.this_update) / ENDS_SOON


class RevokedCertificate(models.Model):
    """One entry of a list: a certificate of that CA, by its serial number, hexadecimal."""

    revocation_list = models.ForeignKey(
        RevocationList, on_delete=models.CASCADE, related_name="revoked", db_index=False
    )
    serial_number = models.CharField(max_length=40)
    revoked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["revocation_list", "serial_number"], name="one_revocation_once"
            )
        ]

    def __str__(self) -> str:
        return self.serial_number
