"""The admin page of a model as this site wants it: nothing is allowed that is not said to be."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.utils import (
    flatten_fieldsets,
    label_for_field,
    lookup_field,
    quote,
    unquote,
)
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth import get_permission_codename
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Model, URLField
from django.forms import URLInput
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import strip_tags
from django.utils.text import capfirst

from authserver.audit.events import Event
from authserver.audit.trail import record
from authserver.backoffice.export import as_csv
from authserver.backoffice.own_rows import NotOnOneself
from authserver.backoffice.texts import require_readable_texts
from authserver.backoffice.times import ToldThere, name_of
from authserver.backoffice.verbs import Refused, Verb
from authserver.protocol.requirements import case

MOST_EXPORTED = 10_000  # rows; our choice: more belongs to a report
COMPARISONS = ("", "__exact", "__id__exact", "__isnull", "__gte", "__lt", "__year", "__month")


class OperatorAdmin(NotOnOneself, ToldThere):
    """Rows change by verbs (see ``verbs``) and by forms whose ``save_model`` calls an action.

    Every change is in the audit trail, so Django's own log of the admin is not written.
    """

    verbs: Sequence[Verb] = ()
    when_empty = ""  # what it means that there is no row yet, and what to do about it
    actions = None
    list_per_page = 50
    show_full_result_count = False
    save_as = False
    formfield_overrides = {URLField: {"widget": URLInput(attrs={"class": "vURLField"})}}
    view_on_site = False

    # Who may do what

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @case("AD-11")
    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the list's own filters ask: no other column can be guessed by its answers."""
        offered = self.list_filter if request is None else self.get_list_filter(request)
        filters = [each[0] if isinstance(each, tuple) else each for each in offered]
        named = [each for each in filters if isinstance(each, str)]
        own = {getattr(each, "parameter_name", None) for each in filters}
        asked = {name + comparison for name in named for comparison in COMPARISONS}
        return lookup in own | asked

    def may(self, request: HttpRequest, verb: Verb) -> bool:
        codename = get_permission_codename(verb.permission, self.opts)
        return bool(request.user.has_perm(f"{self.opts.app_label}.{codename}"))

    @case("AD-03")
    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """A field that is not on this page is not read from a post either."""
        form = kwargs.pop("form", self.form)
        shown = set(flatten_fieldsets(self.get_fieldsets(request, obj)))
        shown -= set(self.get_readonly_fields(request, obj))
        hidden = dict.fromkeys(name for name in form.declared_fields if name not in shown)
        kwargs["form"] = type(form.__name__, (form,), hidden) if hidden else form
        made = super().get_form(request, obj, *args, **kwargs)
        require_readable_texts(made.base_fields)
        return made

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Without the links that open other forms in small windows: each row has its page."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    # The trail

    def audit_subject(self, row: Any) -> str:
        """By what the audit trail names this row."""
        return str(row.pk)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """The action wrote the audit event."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """The action wrote the audit event."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        """The action wrote the audit event."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The history of a row is its part of the audit trail."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        query = urlencode({"q": self.audit_subject(row)})
        return HttpResponseRedirect(f"{reverse('admin:audit_auditevent_changelist')}?{query}")

    # Pages

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("export/", guarded(self.export_view), name=self._url_name("export")),
            path(
                "<path:object_id>/do/<slug:verb>/",
                guarded(self.verb_view),
                name=self._url_name("do"),
            ),
            *super().get_urls(),
        ]

    def _url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def url_of(self, row: Model) -> str:
        return reverse(f"admin:{self._url_name('change')}", args=[quote(row.pk)])

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Stay with what was made: the next step is on its page."""
        return HttpResponseRedirect(self.url_of(obj))

    response_post_save_change = response_post_save_add

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context.get("original")
        if row is not None:
            context |= {"title": str(row), "subtitle": None}
        offered = [] if row is None else self.offered(request, row)
        context |= {
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
            "do_url": f"admin:{self._url_name('do')}",
            "safe_verbs": [verb for verb in offered if not verb.dangerous],
            "dangerous_verbs": [verb for verb in offered if verb.dangerous],
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def offered(self, request: HttpRequest, row: Any) -> list[Verb]:
        if self.is_own(request, row):
            return []
        return [verb for verb in self.verbs if self.may(request, verb) and verb.offered(row)]

    @case("AD-16")
    def verb_view(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        """Ask by GET, which changes nothing; do it by POST."""
        row = self.get_object(request, unquote(object_id))
        named = {each.name: each for each in self.verbs}
        if row is None or verb not in named:
            raise Http404
        if not self.may(request, named[verb]) or self.is_own(request, row):
            raise PermissionDenied
        if named[verb] not in self.offered(request, row):
            messages.warning(request, "That is not possible any more; see how it stands now.")
        elif request.method == "POST":
            self._do(request, row, named[verb])
        else:
            return self._ask(request, row, named[verb])
        return HttpResponseRedirect(self._place_of(row))

    def _do(self, request: HttpRequest, row: Any, verb: Verb) -> None:
        try:
            sentence = verb.run(row, request.user.get_username())
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, sentence)

    def _place_of(self, row: Any) -> str:
        """Its page, or the list when the verb took it away."""
        if row.pk is None:
            return reverse(f"admin:{self._url_name('changelist')}")
        return self.url_of(row)

    def _ask(self, request: HttpRequest, row: Any, verb: Verb) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"{verb.label}: {row}?",
            "opts": self.opts,
            "original": row,
            "verb": verb,
            "consequences": verb.consequences(row),
            "back": self.url_of(row),
        }
        return TemplateResponse(request, "admin/confirm_verb.html", context)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The list as it is filtered now, as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        changelist = self.get_changelist_instance(request)
        columns = [name_of(each) for each in changelist.list_display if each != "action_checkbox"]
        header = [str(label_for_field(name, self.model, self)) for name in columns]
        rows = changelist.get_queryset(request)[:MOST_EXPORTED]
        cells = [[self._cell(name, row) for name in columns] for row in rows]
        response = HttpResponse(as_csv(header, cells), content_type="text/csv; charset=utf-8")
        name = str(self.opts.verbose_name_plural).replace(" ", "-")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        record(
            Event.LIST_EXPORTED,
            actor=request.user.get_username(),
            subject=self.opts.label_lower,
            rows=len(cells),
        )
        return response

    def _cell(self, name: str, row: Any) -> str:
        try:
            _, _, value = lookup_field(name, row, self)
        except ObjectDoesNotExist:
            return ""
        return "" if value is None else strip_tags(str(value))


class ReadOnlyAdmin(OperatorAdmin):
    """What is looked at here and made elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
