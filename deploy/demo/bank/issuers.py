"""The issuers whose tokens the bank takes, and what a request's token opens.

The judging is the resource-server kit's (``authserver/resource``); the asking is in
``deploy/local``.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import httpx

from authserver.protocol.errors import InvalidToken
from authserver.resource.issuer import Access, TrustedIssuer
from authserver.resource.keys import KeyCache
from authserver.resource.possession import Presented, token_in
from deploy.demo.sandbox_kit import Kit
from deploy.local import signing
from deploy.local.client import Client
from deploy.local.https_client import opened
from deploy.local.introspection import Introspection, UsedProofs

Trusted = Mapping[str, TrustedIssuer]


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
        introspection = Introspection(client, (http_of or _http_of(kit))(client))
        issuers[client.issuer] = TrustedIssuer(
            url=client.issuer,
            audience=server["identifier"],
            consume=proofs.consume,
            keys=KeyCache(fetch=introspection.keys),
            introspect=introspection.introspect,
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
