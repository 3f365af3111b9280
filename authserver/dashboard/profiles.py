"""The operators' pages on profiles: as a table, compared, and what a switch would break."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from authserver.ecosystems.models import Ecosystem
from authserver.protocol import profiles
from authserver.protocol.profiles.base import Profile
from authserver.protocol.profiles.table import comparison, rows
from authserver.protocol.requirements import requirement
from clients.profile_report import report


@require_safe
@requirement("PRODUCT-3", "PRODUCT-6")
def profile_tables(request: HttpRequest) -> HttpResponse:
    """A profile, or where it differs from another one, or what it would break somewhere.

    GET /admin/profiles/?profile=NAME&compare=OTHER&ecosystem=SLUG
    """
    profile = _named(request.GET.get("profile")) or next(iter(profiles.OFFERED.values()))
    other = _named(request.GET.get("compare"))
    ecosystem = _ecosystem(request)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Profiles",
        "profiles": profiles.OFFERED.values(),
        "ecosystems": Ecosystem.objects.order_by("name"),
        "profile": profile,
        "other": other,
        "ecosystem": ecosystem,
        "rows": [] if other else rows(profile),
        "differences": comparison(profile, other) if other else [],
        "report": report(ecosystem, profile) if ecosystem else None,
    }
    return TemplateResponse(request, "admin/profiles.html", context)


def _named(name: str | None) -> Profile | None:
    """The profile of this name, None where none is asked for; Http404 for one we do not have."""
    if not name:
        return None
    if name not in profiles.OFFERED:
        raise Http404
    return profiles.named(name)


def _ecosystem(request: HttpRequest) -> Ecosystem | None:
    """Clients are named in its report, so only for those who may see clients."""
    slug = request.GET.get("ecosystem")
    if not slug or not request.user.has_perm("clients.view_client"):
        return None
    ecosystem = Ecosystem.objects.filter(slug=slug).first()
    if ecosystem is None:
        raise Http404
    return ecosystem
