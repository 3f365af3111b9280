"""RSA keys for tests that need some: to make one takes as long as ten tests.

So each has an owner, and the processes of a run, with those that they start, share them.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from deploy.demo import private_files

FOLDER = "TEST_RSA_KEYS"  # in the environment: where the keys of this run are
EXPONENT = 65537


def pytest_configure(config: pytest.Config) -> None:
    """Let the first process of a run decide where its keys are, and take them away at the end."""
    if FOLDER not in os.environ:
        folder = TemporaryDirectory(prefix="test-rsa-keys-")
        os.environ[FOLDER] = folder.name
        config.add_cleanup(folder.cleanup)


@cache
def key_of(owner: str) -> rsa.RSAPrivateKey:
    """A key of 2048 bits: for one owner the same in every process, for two owners never."""
    if FOLDER not in os.environ:
        return _new()
    path = Path(os.environ[FOLDER]) / quote(owner, safe="")
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_bytes(pem_of(_new()))
        found = load_pem_private_key(path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(found, rsa.RSAPrivateKey)
    return found


def long_key(bits: int) -> rsa.RSAPrivateKey:
    """A longer key that is made at once: one factor is a prime of Mersenne's, so it is no secret.

    The other one is the largest prime that fits below a power of two.
    """
    p, q = 2**2281 - 1, {3072: 2**791 - 337, 4096: 2**1815 - 759}[bits]
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, p * q),
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


@contextmanager
def instead_of_new_files(name: str) -> Iterator[None]:
    """What the demo and the conformance kit write are keys of ``name``, none made for them."""
    numbers = count(1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(private_files, "new_key", lambda: key_of(f"{name} {next(numbers)}"))
        yield


def pem_of(key: rsa.RSAPrivateKey) -> bytes:
    """As our own keys are kept: PKCS #8, not encrypted."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _new() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=EXPONENT, key_size=2048)
