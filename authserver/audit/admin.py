"""The audit trail and the refusals, to be searched and never changed."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from authserver.audit.events import Event
from authserver.audit.models import AuditEvent, Refusal, Tally
from authserver.backoffice.filters import AskedByLinks, EcosystemBySlug, Time
from authserver.backoffice.html import as_json, clause_link, moment
from authserver.backoffice.model_admin import ReadOnlyAdmin
from authserver.backoffice.newest_first import NewestFirst
from authserver.backoffice.searches import exactly

# Those that an identified client calls, as refusals name them.
ENDPOINTS = ("/par", "/authorize", "/token", "/userinfo", "/introspect", "/revoke")


class SubjectFilter(admin.SimpleListFilter):
    """Events by what they are about: the part of their name before the dot."""

    title = "about"
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        families = dict.fromkeys(event.partition(".")[0] for event in Event.values)
        return [(family, family.replace("_", " ")) for family in families]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(event__in=self._named()) if self.value() else queryset

    def leads(self, rows: QuerySet[Any]) -> Iterable[QuerySet[Any]]:
        """The index has those of each name in order."""
        return [rows.filter(event=name) for name in self._named()]

    def _named(self) -> list[str]:
        return [event for event in Event.values if event.partition(".")[0] == self.value()]


class OneEvent(AskedByLinks):
    title = "event"
    parameter_name = "event"


class OneClause(AskedByLinks):
    title = "clause"
    parameter_name = "clause"


class EndpointFilter(admin.SimpleListFilter):
    """Refusals by the endpoint that refused."""

    title = "endpoint"
    parameter_name = "endpoint"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(each, each) for each in ENDPOINTS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(endpoint=self.value()) if self.value() else queryset


class RowOfTheTrail(NewestFirst, ReadOnlyAdmin):
    listed_by = "at"

    @admin.display(description="time (UTC)", ordering="at")
    def noted_at(self, row: Any) -> str:
        return moment(row.at)


@admin.register(AuditEvent)
class AuditEventAdmin(RowOfTheTrail):
    list_display = ("noted_at", "name", "ecosystem", "actor", "client_id", "subject")
    list_filter = (SubjectFilter, EcosystemBySlug, ("at", Time), OneEvent)
    reached_by = ("about", "ecosystem", "event")
    searches = (
        exactly("interaction id", "interaction_id"),
        exactly("client id", "client_id"),
        exactly("subject", "subject"),
        exactly("actor", "actor"),
    )
    fields = (
        "noted_at",
        "name",
        "ecosystem",
        "actor",
        "client_id",
        "subject",
        "interaction_id",
        "what_was_noted",
    )
    readonly_fields = ("noted_at", "name", "what_was_noted")

    @admin.display(description="event", ordering="event")
    def name(self, row: Any) -> str:
        return str(row.event)

    @admin.display(description="facts")
    def what_was_noted(self, row: Any) -> SafeString:
        return as_json(row.facts)


@admin.register(Tally)
class TallyAdmin(NewestFirst, ReadOnlyAdmin):
    """How often, hour by hour, something was done by nobody that we know."""

    list_display = ("began", "event", "times")
    listed_by = "hour"
    list_filter = ("event", ("hour", Time))
    reached_by = ("event",)
    fields = ("began", "event", "times")
    readonly_fields = ("began",)

    @admin.display(description="hour (UTC)", ordering="hour")
    def began(self, row: Any) -> str:
        return moment(row.hour)


@admin.register(Refusal)
class RefusalAdmin(RowOfTheTrail):
    """Why was this refused? Found by the x-fapi-interaction-id of the answer."""

    when_empty = "No identified client was refused; those that proved nothing are in the log."
    list_display = (
        "noted_at",
        "client_id",
        "address",
        "endpoint",
        "error",
        "clause",
        "description",
    )
    list_filter = (EcosystemBySlug, EndpointFilter, ("at", Time), OneClause)
    reached_by = ("ecosystem", "endpoint", "clause")
    searches = (
        exactly("x-fapi-interaction-id", "interaction_id"),
        exactly("client id", "client_id"),
        exactly("address", "address"),
        exactly("clause", "clause"),
        exactly("error", "error"),
    )
    fields = (
        "noted_at",
        "ecosystem",
        "client_id",
        "interaction_id",
        "address",
        "endpoint",
        "error",
        "description",
        "broken_clause",
        "expected",
        "seen",
    )
    readonly_fields = ("noted_at", "broken_clause")

    @admin.display(description="clause")
    def broken_clause(self, row: Any) -> SafeString:
        return clause_link(row.clause)
