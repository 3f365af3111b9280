"""Is a client certificate one of a CA that the ecosystem trusts? (RFC 5280, 6; RFC 8705, 2.1)

TLS has proved that the caller has the key. What the certificate is worth is decided here, against
the stored roots and issuing CAs, since a proxy forwards the leaf alone.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from authserver.protocol.requirements import requirement
from authserver.protocol.specs.certificate import (
    BadCertificate,
    Certificate,
    parse_der,
    parse_pem,
    require_signature_strength,
    require_strength,
    require_validity,
)

MOST_ISSUING_CAS = 3  # our choice: between the leaf and the root
MOST_VERDICTS = 4096


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """The roots and issuing CAs of an ecosystem; ``digest`` names exactly this set of them."""

    digest: str
    roots: tuple[x509.Certificate, ...] = field(repr=False, hash=False, compare=False)
    issuing: tuple[x509.Certificate, ...] = field(repr=False, hash=False, compare=False)

    @classmethod
    def of_pem(cls, *, roots: Iterable[str], issuing: Iterable[str] = ()) -> "TrustAnchors":
        """Read them from one PEM text each, or raise BadCertificate."""
        found_roots = [parse_pem(text) for text in roots]
        found_issuing = [parse_pem(text) for text in issuing]
        names = [f"root {each.thumbprint}" for each in found_roots]
        names += [f"issuing {each.thumbprint}" for each in found_issuing]
        return cls(
            digest=hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest(),
            roots=tuple(each.native for each in found_roots),
            issuing=tuple(each.native for each in found_issuing),
        )


@dataclass(frozen=True, slots=True)
class Trusted:
    """A verdict: who issued the certificate, and when every part of the chain is valid."""

    issuer: Certificate
    not_before: datetime
    not_after: datetime

    def is_valid_at(self, now: datetime) -> bool:
        return self.not_before <= now <= self.not_after


E = TypeVar("E", bound=x509.ExtensionType)
_verdicts: dict[tuple[str, str], Trusted] = {}


@requirement("MTLS-2.1", "FFI-2", "RFC5280-6.1")
def verify_trust(certificate: Certificate, *, anchors: TrustAnchors, now: datetime) -> Trusted:
    """Return the verdict on a client certificate, or raise BadCertificate.

    A good verdict is remembered for this certificate and these anchors; only its time is asked
    again.
    """
    key = (certificate.thumbprint, anchors.digest)
    trusted = _verdicts.get(key)
    if trusted is None or not trusted.is_valid_at(now):
        require_policy(certificate, now=now)
        trusted = _verified(certificate, anchors, now)
        if len(_verdicts) >= MOST_VERDICTS:
            _verdicts.clear()
        _verdicts[key] = trusted
    return trusted


@requirement("FFI-2", "RFC5280-4.2.1.12", "RFC5280-4.2.1.9")
def require_policy(certificate: Certificate, *, now: datetime) -> None:
    """Raise BadCertificate unless this is a sound certificate of a client, whoever issued it."""
    require_validity(certificate, now=now)
    require_strength(certificate)
    require_signature_strength(certificate)
    if is_of_a_ca(certificate):
        raise BadCertificate("It is the certificate of a CA, not of a client.")
    usage = _extension(certificate.native, x509.ExtendedKeyUsage)
    if usage is None or ExtendedKeyUsageOID.CLIENT_AUTH not in usage:
        raise BadCertificate("It is not issued for clients: the extended key usage clientAuth.")
    key_usage = _extension(certificate.native, x509.KeyUsage)
    if key_usage is not None and not key_usage.digital_signature:
        raise BadCertificate("Its key usage does not allow digital signatures.")


def is_of_a_ca(certificate: Certificate) -> bool:
    constraints = _extension(certificate.native, x509.BasicConstraints)
    return constraints is not None and constraints.ca


@requirement("RFC5280-6.1")
def issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """True if the issuer's key signed it; a CA that has only the same name did not."""
    return _issued_by(certificate.der, issuer.der)


@lru_cache(maxsize=4096)
def _issued_by(der: bytes, issuer: bytes) -> bool:
    try:
        parse_der(der).native.verify_directly_issued_by(parse_der(issuer).native)
    except Exception:  # noqa: BLE001 - whatever goes wrong, it has not been shown
        return False
    return True


def _verified(certificate: Certificate, anchors: TrustAnchors, now: datetime) -> Trusted:
    if not anchors.roots:
        raise BadCertificate("No CA is trusted here yet.")
    verifier = (
        PolicyBuilder()
        .time(now)
        .store(Store(list(anchors.roots)))
        .max_chain_depth(MOST_ISSUING_CAS + 1)
        .extension_policies(ca_policy=OF_A_CA, ee_policy=OF_A_CLIENT)
        .build_client_verifier()
    )
    try:
        chain = verifier.verify(certificate.native, list(anchors.issuing)).chain
    except VerificationError:
        raise BadCertificate("It was not issued by a CA that is trusted here.") from None
    return Trusted(
        issuer=parse_der(chain[1].public_bytes(Encoding.DER)),
        not_before=max(each.not_valid_before_utc for each in chain),
        not_after=min(each.not_valid_after_utc for each in chain),
    )


def _extension(native: x509.Certificate, kind: type[E]) -> E | None:
    try:
        return native.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _is_no_ca(
    policy: Policy, certificate: x509.Certificate, extension: x509.BasicConstraints | None
) -> None:
    if extension is not None and extension.ca:
        raise ValueError("a CA")


def _is_for_clients(
    policy: Policy, certificate: x509.Certificate, extension: x509.ExtendedKeyUsage
) -> None:
    if ExtendedKeyUsageOID.CLIENT_AUTH not in extension:
        raise ValueError("not for clients")


def _may_sign_certificates(
    policy: Policy, certificate: x509.Certificate, extension: x509.KeyUsage | None
) -> None:
    if extension is not None and not extension.key_cert_sign:
        raise ValueError("may not sign certificates")


def _may_issue_for_clients(
    policy: Policy, certificate: x509.Certificate, extension: x509.ExtendedKeyUsage | None
) -> None:
    usages = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    if extension is not None and usages.isdisjoint(extension):
        raise ValueError("may not issue for clients")


# An alternative name is optional: the library's own policy demands one, and its freest policy
# accepts certificates of servers. Whether an extension is marked critical decides nothing.
ANY = Criticality.AGNOSTIC
OF_A_CLIENT = (
    ExtensionPolicy.permit_all()
    .may_be_present(x509.BasicConstraints, ANY, _is_no_ca)
    .require_present(x509.ExtendedKeyUsage, ANY, _is_for_clients)
)
OF_A_CA = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, ANY, None)
    .may_be_present(x509.KeyUsage, ANY, _may_sign_certificates)
    .may_be_present(x509.ExtendedKeyUsage, ANY, _may_issue_for_clients)
)
