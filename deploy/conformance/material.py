"""What the kit keeps in its folder: keys, certificates and secrets, made once.

The suite plays two clients; every variant uses the same two pairs of keys. ``resource`` is the
kit's own protected resource, which introspects tokens.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from deploy.local import pki, secret_values, signing
from deploy.local.authorization_server import TOP
from deploy.local.private_files import private_key, write_private

PARTIES = ("first", "second", "resource")


def folder_of(front: str) -> Path:
    """Each front has keys, a database and records of its own: its issuers are others."""
    return TOP / ".conformance" / front


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One of ``PARTIES``: the key it signs with, and its certificate for mutual TLS."""

    name: str
    signing_key: rsa.RSAPrivateKey
    transport_pem: Path
    self_signed_pem: Path
    transport_key: Path
    subject_dn: str

    def certificate_for(self, method: str) -> Path:
        """The certificate that fits a client authentication method; both have one key."""
        is_self_signed = method == "self_signed_tls_client_auth"
        return self.self_signed_pem if is_self_signed else self.transport_pem

    @property
    def private_jwk(self) -> dict[str, str]:
        return {**signing.private_jwk(self.signing_key), "kid": self.name}

    @property
    def public_jwks(self) -> dict[str, Any]:
        return {"keys": [{**signing.public_jwk(self.signing_key), "kid": self.name}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that the kit keeps; ``secret`` is that of ``secret_values`` and the ``password``."""

    folder: Path
    parties: Mapping[str, Party]
    authorities: tuple[pki.Authority, pki.Authority]
    secret: Mapping[str, str]

    @classmethod
    def kept_in(cls, folder: Path) -> Self:
        """Read the folder; what is missing in it, or about to expire, is made first."""
        now = pki.now()
        root, issuing = pki.authorities(folder / "pki", now=now)
        return cls(
            folder=folder,
            parties={name: _party(folder / "keys" / name, issuing) for name in PARTIES},
            authorities=(root, issuing),
            secret=_secrets(folder / "secrets.json"),
        )

    @property
    def root_pem(self) -> Path:
        return self.authorities[0].path

    @property
    def server_pem(self) -> Path:
        return self.folder / "pki" / "server.pem"

    @property
    def server_key(self) -> Path:
        return self.folder / "pki" / "server.key"

    def certify_server(self, host: str) -> None:
        """Write the certificate of the kit's own listeners."""
        pki.server_certificate(
            self.server_pem,
            key=private_key(self.server_key),
            host=host,
            signer=self.authorities[1],
            now=pki.now(),
        )


def _party(folder: Path, issuing: pki.Authority) -> Party:
    subject = pki.name(common_name=f"conformance-{folder.name}", organisation="Conformance Tests")
    transport_pem, transport_key = folder / "transport.pem", folder / "transport.key"
    pki.client_certificate(
        transport_pem,
        key=private_key(transport_key),
        subject=subject,
        signer=issuing,
        now=pki.now(),
    )
    self_signed_pem = folder / "self-signed.pem"
    if not self_signed_pem.exists():
        self_signed_pem.write_bytes(_self_signed(subject, private_key(transport_key)))
    return Party(
        name=folder.name,
        self_signed_pem=self_signed_pem,
        signing_key=private_key(folder / "signing.key"),
        transport_pem=transport_pem,
        transport_key=transport_key,
        subject_dn=subject.rfc4514_string(),
    )


def _self_signed(subject: x509.Name, key: rsa.RSAPrivateKey) -> bytes:
    now = pki.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - pki.CLOCKS_DIFFER)
        .not_valid_after(now + pki.LEAF_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def _secrets(path: Path) -> Mapping[str, str]:
    if not path.exists():
        made = secret_values.new() | {"password": secrets.token_urlsafe(18)}
        write_private(path, json.dumps(made, indent=2).encode() + b"\n")
    stored: Mapping[str, str] = json.loads(path.read_text())
    return stored
