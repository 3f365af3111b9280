"""A resource server's side of an issuer: what it asks about a token, and the proofs it has seen."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import httpx

from authserver.protocol.specs.dpop import VerifiedProof
from deploy.local.client import Client
from deploy.local.https_client import HTTPSClient
from deploy.local.issuer import Issuer


class Introspection:
    """A resource server's registration at an issuer; calls may raise Failed or httpx.HTTPError."""

    def __init__(self, client: Client, http: httpx.Client) -> None:
        self._client = client
        self._https = HTTPSClient(http=http, certificate=client.client_id)

    @cached_property
    def _issuer(self) -> Issuer:
        return Issuer.discover(self._client, self._https)

    def keys(self) -> Mapping[str, Any]:
        """Return the issuer's JWKS document."""
        return {"keys": list(self._issuer.keys())}

    def introspect(self, token: str) -> Mapping[str, Any]:
        """Return what the issuer says about the token at this moment."""
        return self._issuer.post(
            f"{self._client.name} asks whether the token is active",
            "introspection_endpoint",
            {"token": token, "token_type_hint": "access_token"},
        )


@dataclass(slots=True)
class UsedProofs:
    """DPoP proofs that were shown; one process serves the whole API, so memory is enough."""

    _seen: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def consume(self, proof: VerifiedProof) -> bool:
        """Return whether the proof was new, and remember it until it expires."""
        now = datetime.now(UTC)
        with self._lock:
            self._seen = {name: ends for name, ends in self._seen.items() if ends > now}
            is_new = (proof.jkt, proof.jti) not in self._seen
            self._seen[proof.jkt, proof.jti] = proof.expires_at
            return is_new
