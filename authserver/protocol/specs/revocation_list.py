"""Certificate revocation lists: what a CA says that it took back (RFC 5280, 5 and 6.3).

Only a complete list that the CA itself signed is read. A delta, an indirect list, and one that
says of itself that it covers some certificates alone are refused, since each would leave
certificates out without a word.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs.certificate import STRONG_HASHES, Certificate

LARGEST = 5_000_000  # octets, our choice: a CA of an ecosystem has some thousand clients
MOST_REVOKED = 100_000
LONGEST_SERIAL = 40  # hexadecimal digits: 20 octets (RFC5280-4.1.2.2)
AHEAD = timedelta(minutes=1)  # our choice: how far the CA's clock may be before ours

UNDERSTOOD = (
    x509.CRLNumber,
    x509.AuthorityKeyIdentifier,
    x509.IssuerAlternativeName,
    x509.AuthorityInformationAccess,
    x509.FreshestCRL,
    x509.IssuingDistributionPoint,
)
UNDERSTOOD_OF_AN_ENTRY = (x509.CRLReason, x509.InvalidityDate)


class BadRevocationList(ValueError):
    """A list that we do not accept; ``sentence`` tells an administrator why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedList:
    """A list that its CA signed. ``revoked`` are hexadecimal serial numbers, each with its moment.

    ``number`` is -1 where the list has none. ``distribution_points`` are URIs: where there are
    any, the list covers the certificates that name one of them, and no others (6.3.3, b).
    """

    digest: str
    number: int
    this_update: datetime
    next_update: datetime
    distribution_points: tuple[str, ...]
    revoked: dict[str, datetime] = field(repr=False)


@case("MT-09")
@requirement("RFC5280-6.3.3")
def read(octets: bytes, *, issuer: Certificate, now: datetime) -> SignedList:
    """Return what the CA's complete list says, DER or PEM, or raise BadRevocationList."""
    if len(octets) > LARGEST:
        raise BadRevocationList(f"The list has more than {LARGEST} octets.")
    try:
        return _read(octets, issuer, now)
    except BadRevocationList:
        raise
    except Exception:  # noqa: BLE001 - the library parses late; which errors it has changes with it
        raise BadRevocationList("This is not a revocation list that can be read.") from None


@requirement("RFC5280-5.1.2.5")
def _read(octets: bytes, issuer: Certificate, now: datetime) -> SignedList:
    native = _loaded(octets)
    verify_issuer(native, issuer)
    this_update, next_update = native.last_update_utc, native.next_update_utc
    if next_update is None:
        raise BadRevocationList("The list does not say when the next one comes.")
    if this_update > now + AHEAD:
        raise BadRevocationList(f"The list is not valid before {this_update:%Y-%m-%d %H:%M} UTC.")
    if next_update <= now:
        raise BadRevocationList(f"The list is out of date since {next_update:%Y-%m-%d %H:%M} UTC.")
    number, distribution_points = _extensions(native)
    return SignedList(
        digest=hashlib.sha256(octets).hexdigest(),
        number=number,
        this_update=this_update,
        next_update=next_update,
        distribution_points=distribution_points,
        revoked=_revoked(native),
    )


@requirement("RFC5280-6.3.3", "RFC5280-4.2.1.3")
def verify_issuer(native: x509.CertificateRevocationList, issuer: Certificate) -> None:
    """Raise BadRevocationList unless this CA's own key signed the list in its own name."""
    if native.issuer != issuer.native.subject:
        raise BadRevocationList("The list is of another CA.")
    try:
        usage = issuer.native.extensions.get_extension_for_class(x509.KeyUsage).value
        if not usage.crl_sign:
            raise BadRevocationList("The CA's certificate does not allow it to sign lists.")
    except x509.ExtensionNotFound:
        pass
    try:
        algorithm = native.signature_hash_algorithm
    except UnsupportedAlgorithm:
        algorithm = None
    if not isinstance(algorithm, STRONG_HASHES):
        raise BadRevocationList("The list is signed with a weak or unknown hash.")
    key = issuer.native.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) or not (
        native.is_signature_valid(key)
    ):
        raise BadRevocationList("The signature of the list is not that of the CA.")


@requirement("RFC5280-6.3.3")
def distribution_points_of(certificate: Certificate) -> frozenset[str]:
    """Return the URIs of the complete lists of its own CA that the certificate names."""
    try:
        extensions = certificate.native.extensions
        named = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, ValueError):
        return frozenset()
    own = [each for each in named if not each.reasons and not each.crl_issuer]
    return frozenset(uri for each in own for uri in _uris(each.full_name))


def _loaded(octets: bytes) -> x509.CertificateRevocationList:
    if octets.lstrip().startswith(b"-----BEGIN"):
        return x509.load_pem_x509_crl(octets.strip())
    return x509.load_der_x509_crl(octets)


@requirement("RFC5280-5.2")
def _extensions(native: x509.CertificateRevocationList) -> tuple[int, tuple[str, ...]]:
    """The list's number, -1 without one, and the distribution points that it is confined to."""
    number = -1
    points: tuple[str, ...] = ()
    for extension in native.extensions:
        value = extension.value
        if isinstance(value, x509.DeltaCRLIndicator):
            raise BadRevocationList("This is a delta list; the complete one is needed.")
        if isinstance(value, x509.IssuingDistributionPoint):
            points = _scope(value)
        elif isinstance(value, x509.CRLNumber):
            number = value.crl_number
            if not 0 <= number < 2**160:  # RFC5280-5.2.3: at most 20 octets
                raise BadRevocationList("The number of the list is out of bounds.")
        elif extension.critical and not isinstance(value, UNDERSTOOD):
            raise BadRevocationList("The list has a critical extension that is not understood.")
    return number, points


@requirement("RFC5280-5.2.5")
def _scope(point: x509.IssuingDistributionPoint) -> tuple[str, ...]:
    if point.indirect_crl:
        raise BadRevocationList("This is an indirect list; that of the CA itself is needed.")
    if (
        point.only_contains_user_certs
        or point.only_contains_ca_certs
        or point.only_contains_attribute_certs
        or point.only_some_reasons
    ):
        raise BadRevocationList("The list is a part of several; the complete one is needed.")
    uris = tuple(_uris(point.full_name))
    if point.relative_name or (point.full_name and not uris):
        raise BadRevocationList("The list names the place that it is for by no URI.")
    return uris


@case("MT-09")
@requirement("RFC5280-5.3")
def _revoked(native: x509.CertificateRevocationList) -> dict[str, datetime]:
    if len(native) > MOST_REVOKED:
        raise BadRevocationList(f"The list names more than {MOST_REVOKED} certificates.")
    revoked_at: dict[str, datetime] = {}
    for entry in native:
        for extension in entry.extensions:
            # Another CA's certificate (5.3.3) is for an indirect list; it is always critical.
            if extension.critical and not isinstance(extension.value, UNDERSTOOD_OF_AN_ENTRY):
                raise BadRevocationList(
                    "An entry of the list has a critical extension that is not understood."
                )
        revoked_at[f"{entry.serial_number:x}"] = entry.revocation_date_utc
    if any(len(serial) > LONGEST_SERIAL for serial in revoked_at):
        raise BadRevocationList("An entry of the list has an impossible serial number.")
    return revoked_at


def _uris(names: list[x509.GeneralName] | None) -> list[str]:
    return [each.value for each in names or [] if isinstance(each, x509.UniformResourceIdentifier)]
