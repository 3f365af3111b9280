"""The server's own certificate as its clients meet it, and the CAs that they may pin."""

import hashlib
import ipaddress
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from authserver.protocol.requirements import requirement
from authserver.protocol.specs.certificate import (
    BadCertificate,
    Certificate,
    parse_der,
    require_signature_strength,
    require_strength,
    require_validity,
)
from authserver.protocol.specs.certificate_trust import is_of_a_ca

ENDS_SOON = timedelta(days=30)


@requirement("FFI-15", "RFC9110-4.3.4")
def faults(certificate: Certificate, *, host: str, now: datetime) -> Iterator[str]:
    """Yield a sentence for each thing about it that turns clients away, or soon will."""
    checks: tuple[Callable[[], None], ...] = (
        lambda: require_validity(certificate, now=now),
        lambda: require_strength(certificate),
        lambda: require_signature_strength(certificate),
    )
    for check in checks:
        try:
            check()
        except BadCertificate as error:
            yield error.sentence
    if now <= certificate.not_after < now + ENDS_SOON:
        yield f"It ends soon, on {certificate.not_after:%Y-%m-%d %H:%M} UTC."
    if not is_for(certificate, host):
        yield f"It is not for the host name {host}."
    if not _is_of_a_server(certificate.native):
        yield "It is not issued for servers: the extended key usage serverAuth."


def is_for(certificate: Certificate, host: str) -> bool:
    """True if an alternative name is the host, or a wildcard for its first label."""
    try:
        return str(ipaddress.ip_address(host)) in certificate.ip_addresses
    except ValueError:
        wildcard = "*." + host.partition(".")[2]
        return {host.lower(), wildcard.lower()} & {
            each.lower() for each in certificate.dns_names
        } != set()


@requirement("FFI-16", "FFI-15")
def read_cas(text: str) -> tuple[Certificate, ...]:
    """Return the CA certificates of a PEM text, in its order; raise BadCertificate."""
    if "PRIVATE KEY" in text:
        raise BadCertificate("This contains a private key: it belongs to the server alone.")
    try:
        certificates = x509.load_pem_x509_certificates(text.encode("ascii"))
    except Exception:  # noqa: BLE001 - which errors hostile PEM causes changes with the library
        raise BadCertificate("These are not PEM certificates that can be read.") from None
    cas = tuple(parse_der(each.public_bytes(Encoding.DER)) for each in certificates)
    for each in cas:
        if not is_of_a_ca(each):
            raise BadCertificate(f"{each.subject} is not a CA: it changes with every renewal.")
        require_strength(each)
    return cas


def pem_of(cas: tuple[Certificate, ...]) -> str:
    return "".join(each.native.public_bytes(Encoding.PEM).decode("ascii") for each in cas)


def pin_of(certificate: Certificate) -> str:
    """SHA-256 of its public key in base64, as clients pin keys."""
    key = certificate.native.public_key()
    octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(hashlib.sha256(octets).digest()).decode("ascii")


def _is_of_a_server(native: x509.Certificate) -> bool:
    try:
        usage = native.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.SERVER_AUTH in usage
