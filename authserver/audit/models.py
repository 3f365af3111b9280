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
    ecosystem = models.CharField(max_length=50, blank=True)
    actor = models.CharField(
        max_length=255, blank=True, help_text="A person's username, a client id, or the system."
    )
    client_id = models.CharField(max_length=255, blank=True)
    subject = models.CharField(
        max_length=255, blank=True, help_text="Id of what the event is about."
    )
    interaction_id = models.CharField(max_length=36, blank=True, db_index=True)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            # What operators look for, the newest first.
            models.Index(fields=["event", "at", "id"], name="events_by_name"),
            models.Index(fields=["ecosystem", "at", "id"], name="events_of_an_ecosystem"),
            models.Index(fields=["client_id", "at", "id"], name="events_of_a_client"),
            models.Index(fields=["subject", "at"], name="events_about_a_subject"),
            models.Index(fields=["actor", "at", "id"], name="events_of_an_actor"),
            # What is kept for ever would stand before it in an index of all.
            *(
                models.Index(
                    fields=["at"], condition=Q(event__in=events), name=f"{kind}_to_be_forgotten"
                )
                for kind, events in FORGOTTEN.items()
            ),
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
        indexes = [models.Index(fields=["hour"], name="tallies_by_hour")]
        constraints = [models.UniqueConstraint(fields=["event", "hour"], name="one_tally_an_hour")]

    def __str__(self) -> str:
        return f"{self.event} {self.hour:%Y-%m-%d %H}:00"


class Refusal(AppendOnly):
    """Why a request of an identified client was refused, by clause: expected and seen.

    Never changed; ``manage.py purge`` deletes it when its retention is over.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    ecosystem = models.CharField(max_length=50)
    client_id = models.CharField(max_length=255, blank=True)
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
    clause = models.CharField(max_length=60, blank=True)
    description = models.CharField(max_length=255)
    expected = models.CharField(max_length=500, blank=True)
    seen = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]
        # What operators look for, the newest first.
        indexes = [
            models.Index(fields=["ecosystem", "at", "id"], name="refusals_of_an_ecosystem"),
            models.Index(fields=["client_id", "at", "id"], name="refusals_of_a_client"),
            models.Index(fields=["clause", "at", "id"], name="refusals_by_clause"),
            models.Index(fields=["endpoint", "at", "id"], name="refusals_by_endpoint"),
            models.Index(fields=["error", "at", "id"], name="refusals_by_error"),
            models.Index(fields=["address", "at", "id"], name="refusals_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.error} [{self.clause}]"
