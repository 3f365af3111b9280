"""The CAs of the server's own certificate, for clients that pin them.

GET /<ecosystem>/server-ca.pem
"""

from django.http import Http404

from authserver.ecosystems.models import Ecosystem
from authserver.endpoints.documents import published
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.certificate import BadCertificate
from authserver.protocol.specs.server_certificate import pem_of
from authserver.web.server_certificate import published_cas


@published("application/pem-certificate-chain")
@requirement("FFI-16")
def server_cas(ecosystem: Ecosystem) -> bytes:
    """The CA certificates that the operator publishes, as PEM; 404 where there are none."""
    try:
        cas = published_cas()
    except BadCertificate:
        cas = ()  # the deployment check says what is wrong with the file
    if not cas:
        raise Http404
    return pem_of(cas).encode()
