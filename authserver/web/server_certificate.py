"""The certificate that this deployment shows to its clients, looked at from outside.

TLS may end in a proxy, so nothing is read from files of ours: we connect to our own addresses as
a client would, once to read the certificate and then to see whether it is trusted.
"""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from authserver.protocol.requirements import requirement
from authserver.protocol.specs import server_certificate
from authserver.protocol.specs.certificate import BadCertificate, Certificate, parse_der

SECONDS_TO_CONNECT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateReport:
    """What a client meets at one address; no certificate where nobody answered."""

    base: str
    certificate: Certificate | None
    warnings: tuple[str, ...]


@requirement("FFI-16")
def published_cas() -> tuple[Certificate, ...]:
    """The CAs that clients may pin, from AUTHSERVER_SERVER_CA_FILE; raise BadCertificate."""
    if not settings.SERVER_CA_FILE:
        return ()
    try:
        text = Path(settings.SERVER_CA_FILE).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise BadCertificate("The file cannot be read.") from None
    return server_certificate.read_cas(text)


@requirement("FFI-15")
def reports(*, now: datetime) -> list[CertificateReport]:
    """What clients meet where browsers go, and where machines go."""
    bases = dict.fromkeys([settings.PUBLIC_BASE, settings.MACHINE_BASE])
    return [_report(base, now=now) for base in bases if base]


def _report(base: str, *, now: datetime) -> CertificateReport:
    host, port = urlsplit(base).hostname or "", urlsplit(base).port or 443
    reading = ssl.create_default_context()
    reading.check_hostname = False
    reading.verify_mode = ssl.CERT_NONE
    try:
        der = _certificate_at(host, port, reading)
        certificate = parse_der(der)
    except (OSError, BadCertificate):
        return CertificateReport(
            base=base, certificate=None, warnings=("No certificate can be read here.",)
        )
    warnings = (
        *server_certificate.faults(certificate, host=host, now=now),
        *_faults_of_trust(host, port),
        *_faults_of_published(host, port, now=now),
    )
    return CertificateReport(
        base=base, certificate=certificate, warnings=tuple(dict.fromkeys(warnings))
    )


def _faults_of_trust(host: str, port: int) -> Iterator[str]:
    """The chain as it is sent, judged by the public CAs that this machine knows."""
    if fault := _fault_with(host, port, ssl.create_default_context()):
        yield f"It is not publicly trusted: {fault}."


def _faults_of_published(host: str, port: int, *, now: datetime) -> Iterator[str]:
    try:
        cas = published_cas()
    except BadCertificate as error:
        yield f"The CAs for clients cannot be published: {error.sentence}"
        return
    for each in cas:
        if each.not_after < now + server_certificate.ENDS_SOON:
            yield f"The published CA {each.subject} ends on {each.not_after:%Y-%m-%d}."
    if cas:
        context = ssl.create_default_context(cadata=server_certificate.pem_of(cas))
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an issuing CA may be pinned alone
        if fault := _fault_with(host, port, context):
            yield f"It does not lead to the published CAs: {fault}."


def _fault_with(host: str, port: int, context: ssl.SSLContext) -> str:
    """Why the chain is not trusted in this context; the host name is judged apart from it."""
    context.check_hostname = False
    try:
        _certificate_at(host, port, context)
    except ssl.SSLCertVerificationError as error:
        return error.verify_message.rstrip(".")
    except OSError:
        return "the connection failed"
    return ""


def _certificate_at(host: str, port: int, context: ssl.SSLContext) -> bytes:
    """DER of what is shown there; raise OSError, of which SSLCertVerificationError is one."""
    with (
        socket.create_connection((host, port), timeout=SECONDS_TO_CONNECT) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return secured.getpeercert(binary_form=True) or b""
