"""RSA keys for tests that need some: to make one takes as long as ten tests.

So each has an owner, and the processes of a run, with those that they start, share them.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from deploy.local import private_files

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
    """A key of 2048 bits: for one owner the same in every process, for two owners never.

    A run needs a hundred, and two of them may have a prime in common. Such keys are worth nothing
    to whoever has secrets, but nobody can tell by one of them, and fifteen primes are soon found.
    """
    if FOLDER not in os.environ:
        return _new()
    path = Path(os.environ[FOLDER]) / "keys.json"
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        owners, primes = json.loads(path.read_text()) if path.exists() else ([], [])
        if owner not in owners:
            owners.append(owner)
            _, second = _pair(owners.index(owner))
            while len(primes) <= second:
                found = _new().private_numbers()
                primes += [found.p, found.q]
            path.write_text(json.dumps([owners, primes]))
    first, second = _pair(owners.index(owner))
    return _of_factors(primes[second], primes[first])


def _pair(number: int) -> tuple[int, int]:
    """Which two primes the key of this number has: 0 1, 0 2, 1 2, 0 3, 1 3, 2 3, ..."""
    second = 1
    while number >= second:
        number -= second
        second += 1
    return number, second


def long_key(bits: int) -> rsa.RSAPrivateKey:
    """A longer key that is made at once: one factor is a prime of Mersenne's, so it is no secret.

    The other one is the largest prime that fits below a power of two.
    """
    return _of_factors(2**2281 - 1, {3072: 2**791 - 337, 4096: 2**1815 - 759}[bits])


def _of_factors(p: int, q: int) -> rsa.RSAPrivateKey:
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
