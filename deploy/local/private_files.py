"""Files that only their owner may read: private keys and secrets."""

import os
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def rsa_key(pem: bytes) -> rsa.RSAPrivateKey:
    """Return the key, or raise TypeError for one of another kind."""
    # Whether its primes are primes would take longer to see than all else here, for a file that
    # ``private_key`` wrote and that nobody but its owner can have changed since.
    key = serialization.load_pem_private_key(
        pem, password=None, unsafe_skip_rsa_key_validation=True
    )
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("an RSA key is expected")
    return key


def private_key(path: Path) -> rsa.RSAPrivateKey:
    """Return the key in the file; a missing one is made and written first."""
    if path.exists():
        with suppress(TypeError):
            return rsa_key(path.read_bytes())
    key = new_key()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_private(path, pem)
    return key


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that was never readable by anybody else, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
