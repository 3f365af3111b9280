"""One of the two servers that are measured, as the driver sees it."""

import hashlib
import json
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.util import urlsafe_b64encode

from tests.bench.refused import Refused
from tests.support.certificates import forwarded

REDIRECT_URI = "https://tpp.example.com/callback"
PROFILES = "/profile-of-the-bench/"  # where a server that is profiled writes down what it saw


@dataclass(frozen=True, kw_only=True)
class Side:
    """A running server: where it listens, which process began it, whose database it has.

    ``parties`` is what tests.bench.seed printed: the same clients are known to both servers.
    """

    name: str
    issuer: str
    discovery: str
    port: int
    process: "subprocess.Popen[bytes]"
    database: str
    log: Path
    parties: Mapping[str, Any]
    refresh_scope: str | None = None  # what a refresh asks for, where that is not all
    consents_at_once: bool = False
    warming: int = 1  # so many times the units of the warm-up, where code is compiled as it runs
    front: Mapping[str, str] = field(default_factory=lambda: {"X-Forwarded-Proto": "https"})

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """The discovery document, with the addresses for certificates in the place of others."""
        read = json.loads(self.fetched(self.discovery))
        if read.get("issuer") != self.issuer:
            raise Refused(f"The metadata of {self.name} names another issuer than {self.issuer}.")
        return {**read, **read.get("mtls_endpoint_aliases", {})}

    @cached_property
    def keys(self) -> KeySet:
        return KeySet.import_key_set(json.loads(self.fetched(self.metadata["jwks_uri"])))

    def fetched(self, url: str) -> bytes:
        parts = urlsplit(url)
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{parts.path}",
            headers={**self.front, "Host": parts.netloc},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return bytes(answer.read())

    def wait_until_it_answers(self) -> None:
        """Return when it does, or raise Refused with the end of its log."""
        for _ in range(300):
            try:
                self.fetched(self.discovery)
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
            else:
                return
        raise Refused(f"{self.name} does not start: {self.log.read_text()[-600:]!r}.")

    def claims_in(self, token: str) -> dict[str, Any]:
        """The claims of a JWT that this server signed with PS256; ValueError of any other."""
        try:
            verified = jws.deserialize_compact(token, self.keys, algorithms=["PS256"])
        except JoseError as fault:
            raise ValueError(f"no token of its own ({fault})") from None
        return dict(json.loads(verified.payload))

    def certificate_headers(self, client: str) -> dict[str, str]:
        return forwarded(self.parties["certificates"][client])

    def thumbprint(self, client: str) -> str:
        pem = self.parties["certificates"][client].encode()
        der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
        return urlsafe_b64encode(hashlib.sha256(der).digest()).decode()


def stopped(process: "subprocess.Popen[bytes]") -> None:
    """End a server and wait for it."""
    process.terminate()
    try:
        process.wait(timeout=40)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
