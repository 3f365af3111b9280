"""Lists of what grows without end: the newest first, and no page reads more than so many rows.

A list begins where an index leads: at a search, at a filter that has an index, or at all rows.
Of what it leads to the newest MOST_LISTED are listed, counted and paged through, and whatever else
is asked is looked for among them. The page says where they end, and goes on from there
(``docs/decisions/lists-that-grow.md``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.admin import ListFilter, ShowFacets
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from authserver.backoffice.filters import Until
from authserver.backoffice.own_rows import Base
from authserver.backoffice.searches import Search

if TYPE_CHECKING:
    Pages = Paginator[Any]
else:
    Pages = Paginator

MOST_LISTED = 10_000  # rows; our choice: an index reads them in a few hundredths of a second
SEARCHED_BY = "by"


@dataclass(frozen=True)
class Match:
    """A search that finds something for what was typed."""

    search: Search
    condition: Q


class AtMost(Pages):
    """Counts no further than it pages."""

    @cached_property
    def count(self) -> int:
        assert isinstance(self.object_list, QuerySet)
        return self.object_list[:MOST_LISTED].count()


@dataclass(frozen=True)
class Lead:
    """Rows that an index leads to. ``beyond`` is where the newest of those stands that are not
    looked at any more, or None.
    """

    rows: QuerySet[Any]
    beyond: Any

    @property
    def reach(self) -> tuple[Any, ...]:
        """Less for what goes further back."""
        return (1, self.beyond) if self.beyond is not None else (0,)


class NewestFirstList(ChangeList):
    """``matches`` are the searches that find something, the one in use first. ``is_cut`` tells that
    there are older rows, ``older_url`` where to go on, ``is_searched`` that what is listed was
    looked for among the newest.
    """

    model_admin: "NewestFirst"

    @property
    def most_listed(self) -> str:
        return f"{MOST_LISTED:,}"

    def get_filters_params(self, params: Any = None) -> Any:
        left = super().get_filters_params(params)
        left.pop(SEARCHED_BY, None)
        return left

    def search_params(self) -> dict[str, Any]:
        names = (SEARCH_VAR, SEARCHED_BY)
        return {name: [self.params[name]] for name in names if name in self.params}

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """The one that indexes have, whatever is asked for."""
        return self.model_admin.get_ordering(request)

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        self.matches = self.model_admin.matches(request, self.query)
        asked = super().get_queryset(request, exclude_parameters)
        self.request = request
        begins, self.is_searched = self._begins()
        lead = min(map(self._lead, begins), key=lambda each: each.reach)
        self.is_cut = lead.beyond is not None
        self.older_url = self.get_query_string({Until.parameter_name: lead.beyond})
        if not self.is_searched:
            return asked
        newest = lead.rows.order_by(*self.model_admin.get_ordering(request))
        return asked.filter(pk__in=newest.values("pk")[:MOST_LISTED])

    def _lead(self, rows: QuerySet[Any]) -> Lead:
        column = self.model_admin.listed_by
        values = rows.order_by(f"-{column}").values_list(column, flat=True)
        return Lead(rows, next(iter(values[MOST_LISTED : MOST_LISTED + 1]), None))

    def _begins(self) -> tuple[list[QuerySet[Any]], bool]:
        """Where indexes lead; and whether more is asked than what leads there."""
        rows = self.model._default_manager.all()
        left = set(self.get_filters_params())
        leading, others = [], 0
        for spec in self.filter_specs:
            if left.isdisjoint(spec.expected_parameters()):
                continue
            left.difference_update(spec.expected_parameters())
            name = getattr(spec, "field_path", None) or getattr(spec, "parameter_name", "")
            if name in (self.model_admin.listed_by, Until.parameter_name):
                rows = self._narrowed(rows, spec)
            elif name in self.model_admin.reached_by:
                leading.append(spec)
            else:
                others += 1
        if self.query:
            searched = rows.filter(self.matches[0].condition) if self.matches else rows.none()
            return [searched], bool(leading or others or left)
        begins = [self._narrowed(rows, spec) for spec in leading] or [rows]
        return begins, bool(leading[1:] or others or left)

    def _narrowed(self, rows: QuerySet[Any], spec: ListFilter) -> QuerySet[Any]:
        narrowed = spec.queryset(self.request, rows)
        return rows if narrowed is None else narrowed


class NewestFirst(Base):
    """A page of the admin whose model grows: ``listed_by`` is the time, or "pk", by which its rows
    are listed. Each of ``reached_by``, filters by their names, and of ``searches`` has an index
    that begins with its column and goes on with that one, or finds few.
    """

    listed_by: str
    reached_by: Sequence[str] = ()
    searches: Sequence[Search] = ()
    search_fields = ("pk",)  # not asked for: Django wants some where rows are chosen by a search
    sortable_by = ()
    show_facets = ShowFacets.NEVER  # it counts for every choice of every filter
    paginator = AtMost

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NewestFirstList

    def get_ordering(self, request: HttpRequest) -> Any:
        return [f"-{self.listed_by}", *(["-pk"] if self.listed_by != "pk" else [])]

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [*super().get_list_filter(request), Until]

    def get_search_fields(self, request: HttpRequest) -> Any:
        return self.search_fields if self.searches else ()

    def matches(self, request: HttpRequest, typed: str) -> list[Match]:
        """The searches that find something for what was typed, the one that is asked for first."""
        if not (typed := typed.strip()):
            return []
        conditions = [(each, each.condition(typed)) for each in self.searches]
        matches = [
            Match(search, condition)
            for search, condition in conditions
            if condition is not None and self._finds(condition)
        ]
        asked = request.GET.get(SEARCHED_BY, "")
        return sorted(matches, key=lambda match: match.search.name != asked)

    def _finds(self, condition: Q) -> bool:
        rows = self.model._default_manager.filter(condition).order_by(f"-{self.listed_by}")
        return bool(rows.values_list("pk")[:1])

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        matches = self.matches(request, search_term)
        return queryset.filter(matches[0].condition) if matches else queryset.none(), False

    @property
    def search_help_text(self) -> str:  # type: ignore[override]
        """What can be searched, by the names that operators know it by."""
        names = " or ".join(each.name for each in self.searches)
        return f"The whole {names.replace(' or ', ', ', len(self.searches) - 2)}, not a part of it"
