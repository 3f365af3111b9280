"""X.509 certificates: what stands in one, and whether its key is strong enough to be believed."""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs.readable_text import is_readable

LARGEST = 16_384  # octets of DER; the largest that a proxy could forward is half of it
RSA_BITS = range(2048, 8193)  # FAPI2-SP-FINAL-5.2.2; the upper bound is ours, against its cost
RSA_EXPONENTS = range(65537, 2**32)
CURVES = ("secp256r1", "secp384r1")
STRONG_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
PEM_CERTIFICATE = re.compile(r"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----")


class BadCertificate(ValueError):
    """A certificate that we do not accept; ``sentence`` tells an administrator why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What stands in a certificate; nothing of it is believed yet.

    ``thumbprint`` is x5t#S256, base64url; names are RFC 4514 texts; ``serial_number`` is
    hexadecimal; ``key_kind`` is RSA, EC, Ed25519 or empty, ``key_size`` counts bits.
    """

    der: bytes = field(repr=False)
    thumbprint: str
    subject: str
    issuer: str
    serial_number: str
    not_before: datetime
    not_after: datetime
    dns_names: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()
    ip_addresses: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    key_kind: str = ""
    key_size: int = 0
    native: x509.Certificate = field(repr=False, hash=False, compare=False)


@requirement("MTLS-3.1")
@lru_cache(maxsize=1024)  # the same few certificates come along with every request
def parse_der(der: bytes) -> Certificate:
    """Return what stands in the certificate, or raise BadCertificate. Nothing is verified."""
    if len(der) > LARGEST:
        raise BadCertificate("The certificate is larger than any that is needed.")
    try:
        return _read(x509.load_der_x509_certificate(der))
    except Exception:  # noqa: BLE001 - which errors hostile DER causes changes with the library
        unreadable = BadCertificate("This is not a certificate that can be read.")
    raise unreadable


def parse_pem(text: str) -> Certificate:
    """Return what stands in the one certificate of the text, or raise BadCertificate."""
    if "PRIVATE KEY" in text:
        raise BadCertificate(
            "This contains a private key. It was not kept, but has been shown: make a new key,"
            " have a certificate issued for it, and paste the certificate alone."
        )
    blocks = len(PEM_CERTIFICATE.findall(text))
    if blocks == 0:
        raise BadCertificate("No PEM certificate: -----BEGIN CERTIFICATE----- is missing.")
    if blocks > 1:
        raise BadCertificate("This contains several certificates; paste one at a time.")
    try:
        native = x509.load_pem_x509_certificate(text.encode("ascii"))
    except Exception:  # noqa: BLE001 - as above
        raise BadCertificate("This is not a certificate that can be read.") from None
    return parse_der(native.public_bytes(Encoding.DER))


@requirement("FFI-2", "RFC9325-4.5")
def require_strength(certificate: Certificate) -> None:
    """Raise BadCertificate unless its key is one that nobody can calculate."""
    key = certificate.native.public_key() if certificate.key_kind else None
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size not in RSA_BITS:
            raise BadCertificate(
                f"Its RSA key has {key.key_size} bits; {RSA_BITS[0]} to {RSA_BITS[-1]} are allowed."
            )
        if key.public_numbers().e not in RSA_EXPONENTS:
            raise BadCertificate("Its RSA key has an unusual public exponent; use 65537.")
    elif not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in CURVES:
        raise BadCertificate("Its key must be RSA, or elliptic on the curve P-256 or P-384.")


@requirement("FFI-2", "RFC9325-4.5")
def require_signature_strength(certificate: Certificate) -> None:
    """Raise BadCertificate if its issuer signed it with a hash that can be collided."""
    try:
        algorithm = certificate.native.signature_hash_algorithm
    except UnsupportedAlgorithm:
        algorithm = None
    if not isinstance(algorithm, STRONG_HASHES):
        raise BadCertificate("It is signed with a weak or unknown hash; SHA-256 is the least.")


@requirement("RFC5280-4.1.2.5")
def require_validity(certificate: Certificate, *, now: datetime) -> None:
    if now > certificate.not_after:
        raise BadCertificate(f"It expired on {certificate.not_after:%Y-%m-%d %H:%M} UTC.")
    if now < certificate.not_before:
        raise BadCertificate(f"It is not valid before {certificate.not_before:%Y-%m-%d %H:%M} UTC.")


@case("DC-10")
def require_readable_names(certificate: Certificate) -> None:
    """Raise BadCertificate where a page could not show whose it is, and who says so."""
    if not (is_readable(certificate.subject) and is_readable(certificate.issuer)):
        raise BadCertificate("A name in it has a character that people cannot see, or is empty.")


def _read(native: x509.Certificate) -> Certificate:
    der = native.public_bytes(Encoding.DER)
    kind, size = _key(native)
    names = _alternative_names(native)
    return Certificate(
        der=der,
        thumbprint=urlsafe_b64encode(sha256(der).digest()).rstrip(b"=").decode("ascii"),
        subject=native.subject.rfc4514_string(),
        issuer=native.issuer.rfc4514_string(),
        serial_number=f"{native.serial_number:x}",
        not_before=native.not_valid_before_utc,
        not_after=native.not_valid_after_utc,
        dns_names=tuple(names.get_values_for_type(x509.DNSName)),
        uris=tuple(names.get_values_for_type(x509.UniformResourceIdentifier)),
        ip_addresses=tuple(map(str, names.get_values_for_type(x509.IPAddress))),
        emails=tuple(names.get_values_for_type(x509.RFC822Name)),
        key_kind=kind,
        key_size=size,
        native=native,
    )


def _alternative_names(native: x509.Certificate) -> x509.SubjectAlternativeName:
    try:
        return native.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return x509.SubjectAlternativeName([])


def _key(native: x509.Certificate) -> tuple[str, int]:
    """A key of a kind that we do not know still has a thumbprint to bind a token to."""
    try:
        key = native.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return "", 0
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.key_size
    return ("Ed25519", 256) if isinstance(key, ed25519.Ed25519PublicKey) else ("", 0)
