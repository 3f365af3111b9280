"""What happened under a reference: the x-fapi-interaction-id of an answer, as a page shows it."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from authserver.audit.models import AuditEvent, Refusal
from authserver.protocol.requirements import case

LONGEST = 50


@require_safe
@case("ER-06", "PR-38")
def by_reference(request: HttpRequest) -> HttpResponse:
    """Everything that was kept under it, and where the rest is written: GET /admin/reference/?q=.

    What somebody unidentified was refused is a line of the log, and no row.
    """
    may_see = request.user.has_perm
    if not (may_see("audit.view_refusal") and may_see("audit.view_auditevent")):
        raise PermissionDenied
    reference = request.GET.get("q", "").strip()
    context = {
        **admin.site.each_context(request),
        "title": "What happened under a reference",
        "reference": reference,
        "refusals": Refusal.objects.filter(interaction_id=reference)[:LONGEST],
        "events": AuditEvent.objects.filter(interaction_id=reference)[:LONGEST],
    }
    return TemplateResponse(request, "admin/reference.html", context)
