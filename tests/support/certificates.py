"""A certificate authority for tests: roots, issuing CAs, and leaves that a test can make wrong."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CLIENT_AUTH = (ExtendedKeyUsageOID.CLIENT_AUTH,)


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()


def forwarded(pem: str) -> dict[str, str]:
    """The headers by which nginx hands this certificate on."""
    certificate = x509.load_pem_x509_certificate(pem.encode())
    return {
        "X-SSL-Client-Cert": quote(pem, safe=""),
        "X-SSL-Client-Fingerprint": certificate.fingerprint(hashes.SHA1()).hex(),  # noqa: S303
        "X-SSL-Client-Verify": "FAILED:unable to get local issuer certificate",
    }


def name(common_name: str, organisation: str = "Test") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "AE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def issue(
    common_name: str,
    *,
    by: Issued | None = None,
    ca: bool = False,
    path_length: int | None = None,
    usages: tuple[x509.ObjectIdentifier, ...] = CLIENT_AUTH,
    names: tuple[x509.GeneralName, ...] = (),
    starts: timedelta = timedelta(days=-1),
    ends: timedelta = timedelta(days=365),
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
    distribution_point: str = "",
    crl_sign: bool = True,
) -> Issued:
    """Issue a certificate; self-signed where nobody issues it."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject = name(common_name)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + starts)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if by is not None:
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), critical=False
        )
    if ca:
        builder = builder.add_extension(_for_a_ca(crl_sign=crl_sign), critical=True)
    elif usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(usages)), critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(names)), critical=False)
    if distribution_point:
        builder = builder.add_extension(_published_at(distribution_point), critical=False)
    return Issued(builder.sign((by.key if by else key), hashes.SHA256()), key)


def _published_at(uri: str) -> x509.CRLDistributionPoints:
    name = [x509.UniformResourceIdentifier(uri)]
    return x509.CRLDistributionPoints([x509.DistributionPoint(name, None, None, None)])


def _for_a_ca(*, crl_sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


@cache
def root() -> Issued:
    return issue("Test Root", ca=True)


@cache
def issuing() -> Issued:
    return issue("Test Issuing CA", by=root(), ca=True, path_length=0)


@cache
def transport(client_id: str) -> Issued:
    """The transport certificate of a client; the same one for a whole run."""
    return issue(client_id, by=issuing())


def revocation_list(
    *serial_numbers: int,
    by: Issued | None = None,
    starts: timedelta = timedelta(hours=-1),
    ends: timedelta = timedelta(days=1),
    number: int | None = 1,
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    entry_extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
    digest: hashes.SHA224 | hashes.SHA256 | None = None,
) -> x509.CertificateRevocationList:
    """A CA's list of these serial numbers; ``key`` signs it in place of the CA's own."""
    by = by or issuing()
    now = datetime.now(UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(now + starts)
        .next_update(now + ends)
    )
    if number is not None:
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    for each in serial_numbers:
        entry = x509.RevokedCertificateBuilder().serial_number(each).revocation_date(now)
        for extension, critical in entry_extensions:
            entry = entry.add_extension(extension, critical=critical)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(key or by.key, digest or hashes.SHA256())
