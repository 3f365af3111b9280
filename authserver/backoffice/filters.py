"""Filters whose choices are known without reading the rows that they choose among."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.admin import DateFieldListFilter, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest

from authserver.ecosystems.models import Ecosystem


class Time(DateFieldListFilter):
    """Rows of today, of this week and so on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "time"


class EcosystemBySlug(SimpleListFilter):
    """Rows that keep the slug of an ecosystem, of which there are few."""

    title = "ecosystem"
    parameter_name = "ecosystem"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return Ecosystem.objects.order_by("slug").values_list("slug", "name")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(ecosystem=self.value()) if self.value() else queryset


class AskedByLinks(SimpleListFilter):
    """What only links of other pages choose; shown while it is chosen."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        asked = request.GET.get(str(self.parameter_name), "")
        return [(asked, asked)] if asked else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{str(self.parameter_name): self.value()})


class Until(SimpleListFilter):
    """Rows no newer than a day, by UTC, or than the instant or number that a page ended with."""

    title = "last day"
    parameter_name = "until"
    template = "admin/until.html"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.column = model_admin.listed_by
        self.is_a_time = self.column != "pk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("", "")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The form's own values: the day to begin with, and what else is asked."""
        yield {
            "is_a_time": self.is_a_time,
            "name": self.parameter_name,
            "day": str(self.value() or "")[: len("2027-01-07")],
            "others": changelist.get_filters_params() | changelist.search_params(),
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.value()
        if not asked:
            return queryset
        try:
            return queryset.filter(**self._no_newer_than(asked))
        except (ValueError, OverflowError) as fault:
            raise IncorrectLookupParameters from fault

    def _no_newer_than(self, asked: str) -> dict[str, Any]:
        if not self.is_a_time:
            return {f"{self.column}__lte": _number(asked)}
        if len(asked) == len("2027-01-07"):
            next_day = date.fromisoformat(asked) + timedelta(days=1)
            return {f"{self.column}__lt": datetime.combine(next_day, time(), tzinfo=UTC)}
        instant = datetime.fromisoformat(asked)
        return {f"{self.column}__lte": instant if instant.tzinfo else instant.replace(tzinfo=UTC)}


def _number(typed: str) -> int:
    """One that a key may be, or ValueError."""
    if not typed.isascii() or not typed.isdecimal() or len(typed) > 18:
        raise ValueError
    return int(typed)
