"""Signing with an ecosystem's active key, and the public keys it publishes."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db.models import BigIntegerField, CharField

from authserver.ecosystems.models import Ecosystem
from authserver.keys.models import SigningKey
from authserver.protocol import jose
from authserver.protocol.errors import TemporarilyUnavailable
from authserver.protocol.requirements import case, requirement
from authserver.storage.copies import kept_with
from authserver.storage.encryption import decrypt
from authserver.storage.prepared import Parameter, Prepared


@lru_cache(maxsize=256)
def _private_key(kid: str, algorithm: str, encrypted: str) -> jose.PrivateKey:
    """Decrypted and parsed once per process."""
    return jose.load_private_key(decrypt(encrypted), algorithm=algorithm, kid=kid)


def active_key(ecosystem: Ecosystem, algorithm: str) -> jose.PrivateKey:
    """Return the key that signs (or decrypts) now, or raise TemporarilyUnavailable."""
    row = kept_with(
        ecosystem,
        f"signing key {algorithm}",
        lambda: _active.first(ecosystem=ecosystem.pk, algorithm=algorithm),
    )
    if row is None:
        raise TemporarilyUnavailable("the server has no key for this algorithm", seen=algorithm)
    return _private_key(row.kid, algorithm, row.encrypted_private_key)


_active: Prepared[SigningKey] = Prepared(
    lambda: SigningKey.objects.filter(
        SigningKey.SIGNS.q(),
        ecosystem=Parameter("ecosystem", BigIntegerField()),
        algorithm=Parameter("algorithm", CharField()),
    ).order_by("-pk")
)


def decryption_keys(ecosystem: Ecosystem) -> list[jose.PrivateKey]:
    """Every key that somebody may still encrypt to: the published ones, retired ones included."""
    rows = SigningKey.objects.filter(
        SigningKey.VERIFIES.q(), ecosystem=ecosystem, use=SigningKey.Use.ENCRYPTION
    )
    return [
        _private_key(*row) for row in rows.values_list("kid", "algorithm", "encrypted_private_key")
    ]


@requirement("OIDCD-3")
def encryption_algorithms(ecosystem: Ecosystem) -> list[str]:
    """The algorithms of the keys that request objects can be encrypted to."""
    rows = SigningKey.objects.filter(
        SigningKey.SIGNS.q(), ecosystem=ecosystem, use=SigningKey.Use.ENCRYPTION
    )
    return sorted(set(rows.values_list("algorithm", flat=True)))


@requirement("FAPI2-SP-FINAL-5.4.1-1", "CBUAE-2.3a")
def sign(
    ecosystem: Ecosystem, *, purpose: jose.Purpose, claims: Mapping[str, Any], algorithm: str = ""
) -> str:
    """Return the claims as a compact JWS of the ecosystem."""
    key = active_key(ecosystem, algorithm or ecosystem.signing_algorithm)
    return jose.sign(claims, purpose=purpose, key=key)


@case("DS-08")
@requirement("OIDCD-3", "RFC7517-5")
def public_jwks(ecosystem: Ecosystem) -> dict[str, Any]:
    """The key set that the ecosystem publishes: everything not withdrawn, newest first.

    The public halves are a column of their own, so that no private one is read for it.
    """
    rows = SigningKey.objects.filter(SigningKey.VERIFIES.q(), ecosystem=ecosystem)
    return {"keys": list(rows.values_list("public_jwk", flat=True))}
