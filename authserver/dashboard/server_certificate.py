"""The operators' page on the server's own certificate."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from authserver.protocol.requirements import requirement
from authserver.web.server_certificate import reports


@require_safe
@requirement("FFI-15")
def own_certificate(request: HttpRequest) -> HttpResponse:
    """What clients meet at our own addresses at this moment, and what is wrong with it.

    GET /admin/server-certificate/, for those who may look at ecosystems: it makes connections.
    """
    if not request.user.has_perm("ecosystems.view_ecosystem"):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": "Server certificate",
        "reports": reports(now=timezone.now()),
    }
    return TemplateResponse(request, "admin/server_certificate.html", context)
