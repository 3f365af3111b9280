"""Lists of what grows without end: the newest first, and no page reads more than so many rows.

A list begins where an index leads: at a search, at a filter that has an index, or at all rows.
The newest MOST_LISTED that it leads to are listed and paged through, and whatever else is asked is
looked for among them. The page says where they end, and goes on from there
(``docs/decisions/lists-that-grow.md``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.admin import ListFilter, ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.paginator import InvalidPage, Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from authserver.backoffice import newest
from authserver.backoffice.filters import Until
from authserver.backoffice.newest import Newest, newest_of
from authserver.backoffice.own_rows import Base
from authserver.backoffice.searches import Search
from authserver.storage.plans import plan_for_these_values

if TYPE_CHECKING:
    Pages = Paginator[Any]
else:
    Pages = Paginator

SEARCHED_BY = "by"


class AtMost(Pages):
    """Counts no further than is listed."""

    @cached_property
    def count(self) -> int:
        assert isinstance(self.object_list, QuerySet)
        return self.object_list[: newest.MOST_LISTED].count()


@dataclass(frozen=True)
class Match:
    """A search, and the newest of what it finds."""

    search: Search
    newest: Newest


class NewestFirstList(ChangeList):
    """``matches`` are the searches that find something, the one in use first. ``is_cut`` tells that
    there are older rows, ``older_url`` where to go on, ``is_searched`` that what is listed was
    looked for among the newest.
    """

    model_admin: "NewestFirst"

    @property
    def most_listed(self) -> str:
        return f"{newest.MOST_LISTED:,}"

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
        typed, self.query = self.query, ""  # it leads to the rows, and need not be asked of them
        self.asked = super().get_queryset(request, exclude_parameters)
        self.query = typed
        self.listed = self._newest(request)
        self.is_cut = self.listed.beyond is not None
        self.older_url = self.get_query_string({Until.parameter_name: self.listed.beyond})
        return self.asked.filter(pk__in=self.listed.keys)

    def _newest(self, request: HttpRequest) -> Newest:
        """What the search leads to, or of the filters the one that reaches furthest back."""
        rows = self.model._default_manager.all()
        left = set(self.get_filters_params())
        leading, others = [], 0
        for spec in self.filter_specs:
            if left.isdisjoint(spec.expected_parameters()):
                continue
            left.difference_update(spec.expected_parameters())
            name = getattr(spec, "field_path", None) or getattr(spec, "parameter_name", "")
            if name in (self.model_admin.listed_by, Until.parameter_name):
                [rows] = leads_of(spec, rows, request)
            elif name in self.model_admin.reached_by:
                leading.append(spec)
            else:
                others += 1
        by = self.model_admin.listed_by
        self.matches = self.model_admin.matches(request, self.query, rows)
        if self.query:
            self.is_searched = bool(leading or others or left)
            return self.matches[0].newest if self.matches else Newest([])
        self.is_searched = bool(leading[1:] or others or left)
        begins = [leads_of(spec, rows, request) for spec in leading] or [[rows]]
        return min((newest_of(leads, by=by) for leads in begins), key=lambda each: each.reach)

    def get_results(self, request: HttpRequest) -> None:
        """Where nothing else is asked the keys are counted, and the rows of one page read."""
        if self.is_searched:
            super().get_results(request)
            self.full_result_count = self.result_count
            return
        self.paginator = Paginator(self.listed.keys, self.list_per_page)
        try:
            page = self.paginator.page(self.page_num)
        except InvalidPage:
            raise IncorrectLookupParameters from None
        self.result_list = self.asked.filter(pk__in=page.object_list)
        self.result_count = self.paginator.count
        self.show_full_result_count = False
        self.full_result_count = self.result_count  # the end of the list says how many
        self.show_admin_actions = False
        self.can_show_all = False
        self.multi_page = page.has_other_pages()


def leads_of(spec: ListFilter, rows: QuerySet[Any], request: HttpRequest) -> list[QuerySet[Any]]:
    """The rows that the filter chooses, in as many parts as an index has them in order."""
    if several := getattr(spec, "leads", None):
        return list(several(rows))
    chosen = spec.queryset(request, rows)
    return [rows if chosen is None else chosen]


class NewestFirst(Base):
    """A page of the admin whose model grows: ``listed_by`` is the time, or "pk", by which its rows
    are listed. Each of ``reached_by``, filters by their names, and of ``searches`` has an index
    that begins with its column and goes on with that one and the key, or finds few.
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

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with transaction.atomic():
            plan_for_these_values()
            return super().changelist_view(request, extra_context)

    def get_ordering(self, request: HttpRequest) -> Any:
        return [f"-{self.listed_by}", *(["-pk"] if self.listed_by != "pk" else [])]

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [*super().get_list_filter(request), Until]

    def get_search_fields(self, request: HttpRequest) -> Any:
        return self.search_fields if self.searches else ()

    def matches(self, request: HttpRequest, typed: str, rows: QuerySet[Any]) -> list[Match]:
        """The searches that find some of the rows, the one that is asked for first."""
        matches = list(self._matches(typed.strip(), rows))
        asked = request.GET.get(SEARCHED_BY, "")
        return sorted(matches, key=lambda match: match.search.name != asked)

    def _matches(self, typed: str, rows: QuerySet[Any]) -> Iterable[Match]:
        for search in self.searches if typed else ():
            condition = search.condition(typed)
            if condition is None:
                continue
            match = Match(search, newest_of([rows.filter(condition)], by=self.listed_by))
            if match.newest.keys:
                yield match

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """For a row that is chosen in a form: the newest that a search finds."""
        if not search_term.strip():
            return queryset, False
        matches = self.matches(request, search_term, self.model._default_manager.all())
        return queryset.filter(pk__in=matches[0].newest.keys if matches else []), False

    @property
    def search_help_text(self) -> str:  # type: ignore[override]
        """What can be searched, by the names that operators know it by."""
        names = " or ".join(each.name for each in self.searches)
        return f"The whole {names.replace(' or ', ', ', len(self.searches) - 2)}, not a part of it"
