from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from authserver.audit.events import FORGOTTEN, Event
from authserver.storage.prepared import PreparedInserts


class AppendOnly(models.Model):
    """A row that is written once; the ORM refuses to change or delete it."""

    objects = PreparedInserts.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("this row is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("this row is never deleted")


class AuditEvent(AppendOnly):
    """What happened. ``facts`` are names and codes, never tokens, keys or assertions."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    event = models.CharField(max_length=40, choices=Event)
    ecosystem = models.CharField(max_length=50, blank=True, db_index=True)
    actor = models.CharField(
        max_length=255, blank=True, help_text="A person's username, a client id, or the system."
    )
    client_id = models.CharField(max_length=255, blank=True, db_index=True)
    subject = models.CharField(
        max_length=255, blank=True, db_index=True, help_text="Id of what the event is about."
    )
    interaction_id = models.CharField(max_length=36, blank=True, db_index=True)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["-pk"]
        # What is kept for ever would stand before it in an index of all.
        indexes = [
            models.Index(
                fields=["at"], condition=Q(event__in=events), name=f"{kind}_to_be_forgotten"
            )
            for kind, events in FORGOTTEN.items()
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.at:%Y-%m-%d %H:%M:%S}"


class Tally(models.Model):
    """How often something happened within an hour that nobody identified did: one row, not each."""

    event = models.CharField(max_length=40, choices=Event)
    hour = models.DateTimeField(help_text="When it began.")
    times = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-hour"]
        verbose_name_plural = "tallies"
        constraints = [models.UniqueConstraint(fields=["event", "hour"], name="one_tally_an_hour")]

    def __str__(self) -> str:
        return f"{self.event} {self.hour:%Y-%m-%d %H}:00"


class Refusal(AppendOnly):
    """Why a request of an identified client was refused, by clause: expected and seen.

    Never changed; ``manage.py purge`` deletes it when its retention is over.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    ecosystem = models.CharField(max_length=50, db_index=True)
    client_id = models.CharField(max_length=255, blank=True, db_index=True)
    interaction_id = models.CharField(max_length=36, db_index=True)
    address = models.CharField(
        max_length=45,
        blank=True,
        default="",
        db_default="",
        help_text="Where the connection came from, as we or the trusted proxy saw it.",
    )
    endpoint = models.CharField(max_length=50)
    error = models.CharField(max_length=50)
    clause = models.CharField(max_length=60, blank=True, db_index=True)
    description = models.CharField(max_length=255)
    expected = models.CharField(max_length=500, blank=True)
    seen = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.error} [{self.clause}]"
