"""The issuers whose tokens the bank takes, and what a request's token opens.

The judging is the resource-server kit's (``authserver/resource``); here stands how keys are read,
how the issuer is asked, and where used DPoP proofs are remembered.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import httpx

from authserver.protocol.errors import InvalidToken
from authserver.protocol.specs.dpop import VerifiedProof
from authserver.resource.issuer import Access, TrustedIssuer
from authserver.resource.keys import KeyCache
from authserver.resource.possession import Presented, token_in
from deploy.demo import signing
from deploy.demo.https_client import HTTPSClient, opened
from deploy.demo.issuer import Issuer
from deploy.demo.sandbox_kit import Client, Kit

Trusted = Mapping[str, TrustedIssuer]


class Registration:
    """The bank's own registration at an issuer; calls may raise Failed or httpx.HTTPError."""

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
            "The bank asks whether the token is active",
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


def _http_of(kit: Kit) -> Callable[[Client], httpx.Client]:
    def http(client: Client) -> httpx.Client:
        return opened(
            root=kit.root, certificate=client.transport_certificate, key=client.transport_key
        )

    return http


def trusted(kit: Kit, http_of: Callable[[Client], httpx.Client] | None = None) -> Trusted:
    """Return the issuers at which the bank is registered, by URL."""
    issuers = {}
    proofs = UsedProofs()
    for server in kit.resource_servers:
        client = kit.clients[server["client_id"]]
        registration = Registration(client, (http_of or _http_of(kit))(client))
        issuers[client.issuer] = TrustedIssuer(
            url=client.issuer,
            audience=server["identifier"],
            consume=proofs.consume,
            keys=KeyCache(fetch=registration.keys),
            introspect=registration.introspect,
        )
    return issuers


def access_of(presented: Presented, issuers: Trusted) -> Access:
    """Return what the presented token opens; raise InvalidToken."""
    now = datetime.now(UTC)
    refusal = InvalidToken("the token is not one of a known issuer")
    for issuer in _candidates(token_in(presented)[1], issuers):
        try:
            return issuer.access(presented, now=now)
        except InvalidToken as error:
            refusal = error
    raise refusal


def _candidates(token: str, issuers: Trusted) -> Iterator[TrustedIssuer]:
    """A JWT names its issuer, which its signature must confirm; about others all are asked."""
    if not signing.is_jwt(token):
        yield from issuers.values()
        return
    try:
        named = str(signing.unverified_claims(token).get("iss"))
    except signing.BadSignature:
        return
    if named in issuers:
        yield issuers[named]
