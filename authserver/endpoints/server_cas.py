"""The CAs of the server's own certificate, for clients that pin them.

GET /<ecosystem>/server-ca.pem
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from authserver.endpoints.back_channel import ecosystem_of
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.certificate import BadCertificate
from authserver.protocol.specs.server_certificate import pem_of
from authserver.web.server_certificate import published_cas


@require_safe
@requirement("FFI-16")
def server_cas(request: HttpRequest, slug: str) -> HttpResponse:
    """The CA certificates that the operator publishes, as PEM; 404 where there are none."""
    ecosystem_of(slug)
    try:
        cas = published_cas()
    except BadCertificate:
        cas = ()  # the deployment check says what is wrong with the file
    if not cas:
        raise Http404
    response = HttpResponse(pem_of(cas), content_type="application/pem-certificate-chain")
    response["Cache-Control"] = "public, max-age=300"
    response["Access-Control-Allow-Origin"] = "*"
    return response
