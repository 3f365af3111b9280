"""The certificate that a caller presented to the TLS layer: proof of a key, and of nothing else."""

import hashlib
import re
import ssl
from functools import lru_cache
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest

from authserver.protocol.errors import InvalidRequest
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs import mtls
from authserver.web import trusted_proxy

FINGERPRINT_HEADER = "HTTP_X_SSL_CLIENT_FINGERPRINT"  # SHA-1, hex: nginx knows no other
VERDICT_HEADER = "HTTP_X_SSL_CLIENT_VERIFY"
# Nothing around it that two readers could take differently.
ONE_BLOCK = re.compile(
    r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----\n?"
)
LONGEST = 16_384  # characters of the header; the certificate is url-encoded PEM


@case("MT-02", "MT-03", "MT-26")
@requirement("MTLS-2")
def presented_certificate(request: HttpRequest) -> bytes | None:
    """Return the certificate as DER, or None; raise InvalidRequest if it cannot be read.

    It comes from the TLS socket itself, or from the header of the one trusted proxy. A header of
    any other sender is ignored, whatever its name.
    """
    if settings.TRUSTED_PROXY:
        return _forwarded(request) if trusted_proxy.is_the_peer(request) else None
    return _of_the_socket(request)


def _of_the_socket(request: HttpRequest) -> bytes | None:
    connection = request.META.get("gunicorn.socket")
    if not isinstance(connection, ssl.SSLSocket):
        return None
    der = connection.getpeercert(binary_form=True) or None
    try:
        return None if der is None else mtls.parse_der(der).der
    except mtls.BadCertificate:
        raise InvalidRequest("the client certificate cannot be read", seen="no X.509") from None


def _forwarded(request: HttpRequest) -> bytes | None:
    """An unreadable header is an error: read as none, it could hide a certificate of somebody."""
    header = request.META.get(_name_in_the_environment(settings.CLIENT_CERTIFICATE_HEADER))
    if not header:
        certificate_is_the_proven_one(request, None)
        return None
    if "," in header or len(header) > LONGEST or not header.isascii():  # a comma: sent twice
        raise InvalidRequest("the client certificate cannot be read", seen="the proxy's header")
    try:
        der = _der_of(header)
    except ValueError:  # BadCertificate, or not UTF-8
        raise InvalidRequest("the client certificate cannot be read", seen="no PEM") from None
    certificate_is_the_proven_one(request, der)
    return der


@lru_cache(maxsize=1024)  # the same few certificates come along with every request
def _der_of(header: str) -> bytes:
    """The certificate of the header, or ValueError where there is anything else in it."""
    text = unquote(header, errors="strict")
    if not ONE_BLOCK.fullmatch(text):
        raise ValueError("not one block of PEM")
    return mtls.parse_pem(text).der


@lru_cache(maxsize=4)
def _name_in_the_environment(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


@case("MT-26")
@requirement("MTLS-2")
def certificate_is_the_proven_one(request: HttpRequest, der: bytes | None) -> None:
    """Two views of one connection agree: the certificate as we read it, and as the proxy did.

    The proxy's verdict proves that the caller has the key, and nothing of whose it is.
    """
    fingerprint = request.META.get(FINGERPRINT_HEADER, "")
    verdict = request.META.get(VERDICT_HEADER, "")
    if der is None:
        agreed = not fingerprint and verdict in ("", "NONE")
    else:
        ours = _fingerprint(der)
        agreed = fingerprint == ours and (verdict == "SUCCESS" or verdict.startswith("FAILED:"))
    if not agreed:
        raise InvalidRequest(
            "the client certificate cannot be read", seen="not the one that the proxy has verified"
        )


@lru_cache(maxsize=1024)
def _fingerprint(der: bytes) -> str:
    return hashlib.sha1(der, usedforsecurity=False).hexdigest()
