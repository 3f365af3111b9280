"""A consent: its body never changes, its state does, and every change has an actor.

Tokens point to consents; consents do not know tokens. Nothing outside ``consents/actions.py``
changes the state of one.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.expressions import Combinable

from authserver.accounts.models import User
from authserver.ecosystems.models import Ecosystem
from authserver.storage.conditions import NOW, Condition
from authserver.storage.prepared import PreparedInserts
from clients.models import Client
from consents.grant import Grant


class ConsentState(models.TextChoices):
    """The states of an open-finance consent, by the names that its APIs use."""

    AWAITING = "AwaitingAuthorization", "Waiting"
    AUTHORIZED = "Authorized", "Active"
    REJECTED = "Rejected", "Not given"
    SUSPENDED = "Suspended", "On hold"
    CONSUMED = "Consumed", "Used"
    EXPIRED = "Expired", "Ended"
    REVOKED = "Revoked", "Stopped"


CURRENT_STATES = (ConsentState.AWAITING, ConsentState.AUTHORIZED, ConsentState.SUSPENDED)
IN_USE = (ConsentState.AUTHORIZED, ConsentState.SUSPENDED)


class ConsentQuerySet(PreparedInserts["Consent"]):
    def alive(self, *, now: datetime | Combinable) -> ConsentQuerySet:
        """Those that tokens may be issued for, and used under."""
        return self.filter(Consent.ALIVE.q(now=now))

    def of_person(self, user: User) -> ConsentQuerySet:
        """Those a person may see: their own, newest first."""
        return (
            self.filter(user=user)
            .select_related("client__participant", "ecosystem")
            .order_by("-created_at")
        )


class Consent(models.Model):
    """What a person lets a client do, until when: ``grant`` is all of it as one value.

    ``scope``, ``claims`` (``{"id_token": [names], "userinfo": [names]}``, with those that a scope
    covers), ``authorization_details``, ``purpose`` and ``resources`` are what was asked;
    ``choices`` is what the person chose beside it (for example
    ``{"accounts": [{"id": ..., "name": ...}]}``), written once.
    ``expires_at`` None means: until it is stopped.
    """

    IN_TIME = Condition(Q(expires_at=None) | Q(expires_at__gt=NOW))
    ALIVE = Condition(Q(state=ConsentState.AUTHORIZED)) & IN_TIME
    # It has not ended: it is waited for, used, or on hold.
    CURRENT = Condition(Q(state__in=CURRENT_STATES)) & IN_TIME

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ecosystem = models.ForeignKey(
        Ecosystem, on_delete=models.PROTECT, related_name="consents", db_index=False
    )
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="consents", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="consents",
        db_index=False,
    )
    state = models.CharField(max_length=25, choices=ConsentState, default=ConsentState.AWAITING)
    state_changed_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.CharField(
        max_length=30,
        blank=True,
        help_text="Who revoked or rejected it: the person, the TPP, an operator, the system (a rule"
        " or the clock), or somebody anonymous: in the person's browser, and not signed in.",
    )

    external_id = models.CharField(
        max_length=128, blank=True, help_text="The identifier that the client gave it."
    )
    base_id = models.CharField(
        max_length=128, blank=True, help_text="The first consent of the chain that this one renews."
    )
    scope = models.TextField(blank=True)
    claims = models.JSONField(
        null=True,
        blank=True,
        help_text="None in a row from before they were kept: then those that its scopes cover.",
    )
    authorization_details = models.JSONField(default=list)
    purpose = models.TextField(blank=True, default="", db_default="")
    resources = models.JSONField(default=list, db_default=[], blank=True)
    choices = models.JSONField(default=dict, blank=True)
    choices_made_at = models.DateTimeField(null=True, blank=True)
    request_object = models.TextField(
        blank=True, help_text="The signed request as it came: evidence.", editable=False
    )
    request_object_key = models.CharField(
        max_length=64, blank=True, help_text="Thumbprint of the key that signed it.", editable=False
    )

    created_at = models.DateTimeField(auto_now_add=True)
    authorized_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(state__in=IN_USE), name="consents_in_use_by_end"
            ),
            # What is looked for, the newest first; by state also what nobody decided.
            models.Index(fields=["created_at"], name="consents_by_time"),
            models.Index(fields=["ecosystem", "created_at", "id"], name="consents_of_an_ecosystem"),
            models.Index(fields=["client", "created_at", "id"], name="consents_of_a_client"),
            # A person's are few; a large client's are not read to find those that one gave it.
            models.Index(fields=["user", "client"], name="consents_between_the_two"),
            models.Index(fields=["state", "created_at", "id"], name="consents_by_state"),
            models.Index(fields=["external_id"], name="consents_by_external_id"),
        ]

    def __str__(self) -> str:
        return f"Consent {self.id}"

    @property
    def grant(self) -> Grant:
        """All that it gives: nothing leaves under it that is not in there."""
        return Grant.of(self)

    @property
    def is_rich(self) -> bool:
        """It carries authorization_details, so it is never remembered and always shown."""
        return bool(self.authorization_details)

    def is_alive(self, *, now: datetime) -> bool:
        return self.ALIVE.holds(self, now=now)


class ConsentName(models.Model):
    """An identifier that a client gave a consent, once that is decided: nobody else's afterwards.

    ``name`` is in lower case. A consent of several details has one for each.
    """

    ecosystem = models.ForeignKey(
        Ecosystem, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    name = models.CharField(max_length=128)
    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="names")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ecosystem", "name"], name="one_consent_for_a_name_per_ecosystem"
            )
        ]

    def __str__(self) -> str:
        return self.name
