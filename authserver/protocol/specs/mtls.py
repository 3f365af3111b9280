"""Mutual TLS client authentication (RFC 8705, 2): is this the certificate that was registered?"""

import ipaddress
import re

from authserver.protocol.requirements import requirement
from authserver.protocol.specs.certificate import (
    BadCertificate,
    Certificate,
    parse_der,
    parse_pem,
    require_readable_names,
    require_strength,
    require_validity,
)
from authserver.protocol.specs.certificate_trust import (
    TrustAnchors,
    Trusted,
    issued_by,
    require_policy,
    verify_trust,
)
from authserver.protocol.specs.distinguished_name import BadName, prepared, prepared_name

__all__ = [
    "SAN_KINDS",
    "BadCertificate",
    "BadName",
    "Certificate",
    "TrustAnchors",
    "Trusted",
    "alternative_names",
    "has_alternative_name",
    "has_subject",
    "has_subject_reversed",
    "issued_by",
    "parse_der",
    "parse_pem",
    "require_policy",
    "require_readable_names",
    "require_strength",
    "require_validity",
    "verify_trust",
    "why_not_a_subject",
    "why_not_an_alternative_name",
]

SAN_KINDS = ("dns", "uri", "ip", "email")
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{LABEL}(?:\.{LABEL}){{0,126}}")


@requirement("MTLS-2.1.2", "RFC5280-7.1")
def has_subject(certificate: Certificate, registered: str) -> bool:
    """True if the certificate's subject is the registered name (RFC 4514 text)."""
    try:
        registered_name = prepared(registered) if registered else ()
        return (
            bool(registered_name) and prepared_name(certificate.native.subject) == registered_name
        )
    except BadName:
        return False


def has_subject_reversed(certificate: Certificate, registered: str) -> bool:
    """True if it would be the subject from the other end: for a hint, never for a decision."""
    try:
        return prepared_name(certificate.native.subject) == prepared(registered)[::-1]
    except BadName:
        return False


@requirement("MTLS-2.1.2")
def has_alternative_name(certificate: Certificate, *, kind: str, registered: str) -> bool:
    """True if the certificate has the registered name among those of its kind (SAN_KINDS).

    Nothing matches by pattern: a wildcard is no name of a client.
    """
    registered_name = _canonical(kind, registered)
    present = alternative_names(certificate, kind=kind)
    return registered_name is not None and registered_name in {
        _canonical(kind, each) for each in present
    }


def alternative_names(certificate: Certificate, *, kind: str) -> tuple[str, ...]:
    """The certificate's names of this kind (SAN_KINDS), as they stand in it."""
    return {
        "dns": certificate.dns_names,
        "uri": certificate.uris,
        "ip": certificate.ip_addresses,
        "email": certificate.emails,
    }[kind]


def why_not_a_subject(text: str) -> str | None:
    """A sentence if the text cannot be registered as a subject, None if it can."""
    try:
        prepared(text)
    except BadName as fault:
        return f"Not a distinguished name as RFC 4514 writes it, such as CN=x,O=y,C=AE: {fault}."
    return None


def why_not_an_alternative_name(text: str, *, kind: str) -> str | None:
    """A sentence if the text cannot be registered as this kind of name, None if it can."""
    if _canonical(kind, text) == text:
        return None
    return {
        "dns": "Write a host name in lower case, international ones as xn--, without a dot at the"
        " end; a wildcard is no name.",
        "uri": "Write the URI exactly as it stands in the certificate.",
        "ip": "Write one IP address in its shortest form.",
        "email": "Write an e-mail address, its domain in lower case.",
    }[kind]


def _canonical(kind: str, text: str) -> str | None:
    """The one spelling in which two names are compared; None if this is no such name."""
    if kind == "dns":
        return text.lower() if HOST.fullmatch(text.lower()) else None
    if kind == "uri":
        return text or None
    if kind == "ip":
        return _address(text)
    mailbox, at, domain = text.rpartition("@")
    if not at or not mailbox or not HOST.fullmatch(domain.lower()):
        return None
    return f"{mailbox}@{domain.lower()}"  # RFC5280-7.5: the mailbox exactly, the domain not


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
