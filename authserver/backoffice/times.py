"""Times on the operators' pages: where the ecosystem is that a row belongs to, the zone named.

The trail and the refusals keep UTC, as the log does, and an export too: both say so.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse

from authserver.ecosystems import zones
from authserver.ecosystems.models import Ecosystem

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin

WAYS = ("ecosystem", "client", "application", "anchor")  # from a row to whose it is


def told_there(row: models.Model, instant: datetime | None) -> str:
    """``2027-01-07 00:30:12 Dubai time``; in UTC for a row that belongs to no ecosystem."""
    if instant is None:
        return "-"
    ecosystem = ecosystem_of(row)
    there = zones.there(instant, ecosystem.zone if ecosystem else UTC)
    return f"{there:%Y-%m-%d %H:%M:%S} {zones.in_words(there)}"


def ecosystem_of(row: Any) -> Ecosystem | None:
    if isinstance(row, Ecosystem):
        return row
    owners = (getattr(row, name, None) for name in WAYS)
    owner = next((each for each in owners if isinstance(each, models.Model)), None)
    return None if owner is None else ecosystem_of(owner)


class ToldThere(Base):
    """A page of the admin whose columns, and fields that are only shown, tell times like this."""

    def get_list_display(self, request: HttpRequest) -> Any:
        return with_times(super().get_list_display(request), self.model)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"]
        shown = set(form.readonly_fields)
        form.readonly_fields = with_times(form.readonly_fields, self.model)
        form.fieldsets = [
            (title, options | {"fields": with_times(options["fields"], self.model, only=shown)})
            for title, options in form.fieldsets
        ]
        return super().render_change_form(request, context, *args, **kwargs)


def with_times(
    names: Collection[Any], model: type[models.Model], *, only: Collection[str] | None = None
) -> list[Any]:
    """The columns, each time of the model replaced by one that tells it there."""
    fields = {field.name: field for field in model._meta.fields}
    return [
        _column(fields[name])
        if isinstance(fields.get(name), models.DateTimeField) and (only is None or name in only)
        else name
        for name in names
    ]


def name_of(column: Any) -> str:
    """The name of a column, which may be one of ours for a time."""
    return str(column.__name__ if callable(column) else column)


@cache
def _column(field: Any) -> Callable[[Any], str]:
    def shown(row: Any) -> str:
        return told_there(row, getattr(row, field.attname))

    shown.__name__ = field.name
    return admin.display(shown, description=field.verbose_name, ordering=field.name)
