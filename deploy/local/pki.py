"""A certificate authority for one machine: root, issuing CA, server and client certificates.

Every file is kept and used again while it is good, so that a second start costs nothing. Keys are
RSA-2048, signatures SHA-256; private keys are readable by their owner alone.
"""

import ipaddress
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.local.private_files import private_key

ROOT_LIFETIME = timedelta(days=3650)
ISSUING_LIFETIME = timedelta(days=1825)
LEAF_LIFETIME = timedelta(days=365)  # below 398 days: Safari refuses longer server certificates
RENEW_BEFORE = timedelta(days=30)
CLOCKS_DIFFER = timedelta(hours=1)

Extension = tuple[x509.ExtensionType, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What may sign: a certificate, its key, and the file that the certificate stands in."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    path: Path


def name(*, common_name: str, organisation: str, unit: str = "", country: str = "AE") -> x509.Name:
    """Return a subject as directories write it: country, organisation, unit, common name."""
    parts = [
        (NameOID.COUNTRY_NAME, country),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        (NameOID.COMMON_NAME, common_name),
    ]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text])


def authorities(folder: Path, *, now: datetime) -> tuple[Authority, Authority]:
    """Return the root and the issuing CA below it, made on the first call."""
    root_key = private_key(folder / "root.key")
    root_name = name(common_name="Demo Root CA", organisation="Demo Trust Framework")
    root_path = folder / "root.pem"
    root = Authority(
        certificate=_certificate(
            root_path,
            subject=root_name,
            key=root_key,
            signer=None,
            extensions=_authority_extensions(path_length=1),
            lifetime=ROOT_LIFETIME,
            now=now,
        ),
        key=root_key,
        path=root_path,
    )
    issuing_key = private_key(folder / "issuing.key")
    issuing_path = folder / "issuing.pem"
    issuing = Authority(
        certificate=_certificate(
            issuing_path,
            subject=name(common_name="Demo Issuing CA", organisation="Demo Trust Framework"),
            key=issuing_key,
            signer=root,
            extensions=_authority_extensions(path_length=0),
            lifetime=ISSUING_LIFETIME,
            now=now,
        ),
        key=issuing_key,
        path=issuing_path,
    )
    return root, issuing


def server_certificate(
    path: Path, *, key: rsa.RSAPrivateKey, host: str, signer: Authority, now: datetime
) -> x509.Certificate:
    """Return a certificate for the host and for this machine; its file also holds the signer's."""
    hosts = dict.fromkeys([host, "localhost", "127.0.0.1"])
    return _certificate(
        path,
        subject=name(common_name=host, organisation="Demo Trust Framework"),
        key=key,
        signer=signer,
        extensions=[
            *_leaf_extensions(ExtendedKeyUsageOID.SERVER_AUTH),
            (x509.SubjectAlternativeName([_general_name(each) for each in hosts]), False),
        ],
        lifetime=LEAF_LIFETIME,
        now=now,
        chain=[signer],
    )


def client_certificate(
    path: Path, *, key: rsa.RSAPrivateKey, subject: x509.Name, signer: Authority, now: datetime
) -> x509.Certificate:
    """Return a transport certificate: good for client authentication and for nothing else."""
    return _certificate(
        path,
        subject=subject,
        key=key,
        signer=signer,
        extensions=_leaf_extensions(ExtendedKeyUsageOID.CLIENT_AUTH),
        lifetime=LEAF_LIFETIME,
        now=now,
    )


def _certificate(
    path: Path,
    *,
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    signer: Authority | None,
    extensions: Sequence[Extension],
    lifetime: timedelta,
    now: datetime,
    chain: Collection[Authority] = (),
) -> x509.Certificate:
    existing = _kept(path, subject=subject, key=key, signer=signer, extensions=extensions, now=now)
    if existing is not None:
        return existing
    issuer_key = signer.key if signer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer.certificate.subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    made = builder.sign(issuer_key, hashes.SHA256())
    pems = [one.public_bytes(serialization.Encoding.PEM) for one in (made, *_certificates(chain))]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(pems))
    return made


def _kept(
    path: Path,
    *,
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    signer: Authority | None,
    extensions: Sequence[Extension],
    now: datetime,
) -> x509.Certificate | None:
    """Return the certificate in the file if it says the same and lasts; else None."""
    if not path.exists():
        return None
    certificate = x509.load_pem_x509_certificates(path.read_bytes())[0]
    try:
        certificate.verify_directly_issued_by(signer.certificate if signer else certificate)
        same = all(
            certificate.extensions.get_extension_for_class(type(extension)).value == extension
            for extension, _ in extensions
        )
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return None
    same = same and certificate.subject == subject and certificate.public_key() == key.public_key()
    return certificate if same and certificate.not_valid_after_utc - now > RENEW_BEFORE else None


def _certificates(authorities: Collection[Authority]) -> list[x509.Certificate]:
    return [authority.certificate for authority in authorities]


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _authority_extensions(*, path_length: int) -> list[Extension]:
    return [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (_key_usage(signs_certificates=True), True),
    ]


def _leaf_extensions(usage: x509.ObjectIdentifier) -> list[Extension]:
    return [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_key_usage(signs_certificates=False), True),
        (x509.ExtendedKeyUsage([usage]), False),
    ]


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def now() -> datetime:
    """Return the present moment without its fraction, as certificates write time."""
    return datetime.now(UTC).replace(microsecond=0)
