"""The kit's own program: a protected resource, the keys of the suite's clients, a list of accounts.

GET /<ecosystem>/whoami          what an access token stands for; it is introspected each time
GET /keys/<party>/jwks.json      public keys, for profiles that take none by value
GET /people/<person>/accounts    what the authorization server may offer the person to share

Started with the kit's folder, the issuers' base URL, and the host and port to listen on.
"""

import re
import ssl
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from hmac import compare_digest
from pathlib import Path
from typing import Any

import httpx

from authserver.protocol.errors import InvalidToken, OAuthError
from authserver.resource.challenge import challenge, status_of
from authserver.resource.issuer import TrustedIssuer
from authserver.resource.possession import Presented
from deploy.conformance import names
from deploy.conformance.material import Material
from deploy.conformance.plans import ECOSYSTEMS
from deploy.local.client import Client
from deploy.local.https_client import opened
from deploy.local.https_server import Request, Response, as_json, serve, tls_context
from deploy.local.introspection import Introspection, UsedProofs
from deploy.local.issuer import Failed

WHOAMI = re.compile(r"/(?P<slug>[a-z-]{1,40})/whoami")
PEOPLE = re.compile(r"/people/[^/]+/accounts")
KEYS = re.compile(r"/keys/(?P<party>[a-z]{1,20})/jwks\.json")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
TLS_1_2_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # FAPI2-SP-FINAL-5.2.2
ACCOUNTS = [
    {"id": "100-1", "name": "Everyday", "type": "CurrentAccount", "last4": "4711"},
    {"id": "100-2", "name": "Holidays", "type": "Savings", "last4": "0815"},
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """``base`` is its own URL, the audience of its tokens; ``issuers`` are found by slug."""

    base: str
    material: Material
    issuers: Mapping[str, TrustedIssuer]

    def answer(self, request: Request) -> Response:
        """Answer one request; every answer carries an interaction id, the caller's if it is one."""
        try:
            response = self._routed(request)
        except OAuthError as error:
            response = _refused(error, request)
        except (Failed, httpx.HTTPError):
            response = as_json({"error": "temporarily_unavailable"}, status=503)
        sent = request.headers.get("x-fapi-interaction-id", "")
        chosen = sent if UUID.fullmatch(sent) else str(uuid.uuid4())
        return replace(response, headers={**response.headers, "x-fapi-interaction-id": chosen})

    def _routed(self, request: Request) -> Response:
        if request.method != "GET":
            return as_json({"error": "method_not_allowed"}, status=405, Allow="GET")
        if (match := WHOAMI.fullmatch(request.path)) and match["slug"] in self.issuers:
            return as_json(self._whoami(request, self.issuers[match["slug"]]))
        if (match := KEYS.fullmatch(request.path)) and match["party"] in self.material.parties:
            return as_json(self.material.parties[match["party"]].public_jwks)
        if PEOPLE.fullmatch(request.path):
            self._require_our_server(request)
            return as_json(ACCOUNTS)
        return as_json({"error": "not_found"}, status=404)

    def _whoami(self, request: Request, issuer: TrustedIssuer) -> dict[str, Any]:
        presented = Presented(
            authorization=request.headers.get("authorization"),
            method=request.method,
            urls=(self.base + request.path,),
            certificate=request.certificate,
            dpop_proof=request.headers.get("dpop"),
        )
        access = issuer.access(presented, now=datetime.now(UTC))
        access.require_scope("accounts")
        return {"sub": access.subject, "client_id": access.client_id}

    def _require_our_server(self, request: Request) -> None:
        expected = f"Bearer {self.material.secret['account_source_token']}"
        sent = request.headers.get("authorization", "")
        if not compare_digest(sent.encode(), expected.encode()):
            raise InvalidToken("this page is for the authorization server")


def _refused(error: OAuthError, request: Request) -> Response:
    shown = "authorization" in request.headers
    content = {"error": error.code, "error_description": error.public_description}
    header = challenge(error if shown else None)
    return as_json(content, status=status_of(error), WWW_Authenticate=header)


def trusted(material: Material, *, issuers: str, audience: str) -> dict[str, TrustedIssuer]:
    """Return the issuers below a base URL by slug; each is asked about every token."""
    party = material.parties["resource"]
    http = opened(root=material.root_pem, certificate=party.transport_pem, key=party.transport_key)
    proofs = UsedProofs()
    trusted_issuers = {}
    for slug in ECOSYSTEMS:
        client = Client(
            client_id=names.resource_client_id(slug),
            name="The conformance kit's resource",
            legal_name="",
            ecosystem=slug,
            issuer=f"{issuers}/{slug}",
            authenticates_by="private_key_jwt",
            redirect_uri="",
            signing_key=party.signing_key,
            kid=party.name,
            transport_certificate=party.transport_pem,
            transport_key=party.transport_key,
        )
        trusted_issuers[slug] = TrustedIssuer(
            url=client.issuer,
            audience=audience,
            consume=proofs.consume,
            introspect=Introspection(client, http).introspect,
        )
    return trusted_issuers


def tls(material: Material) -> ssl.SSLContext:
    """TLS that asks for a certificate and takes those of the kit, the self-signed ones too."""
    authorities = [authority.path for authority in material.authorities]
    self_signed = [party.self_signed_pem for party in material.parties.values()]
    context = tls_context(
        certificate=material.server_pem,
        key=material.server_key,
        client_authorities=[*authorities, *self_signed],
    )
    context.set_ciphers(TLS_1_2_CIPHERS)
    return context


def main(folder: Path, *, issuers: str, host: str, port: int) -> None:
    material = Material.kept_in(folder)
    base = f"https://{host}:{port}"
    resource = Resource(
        base=base,
        material=material,
        issuers=trusted(material, issuers=issuers, audience=base),
    )
    serve(partial(Resource.answer, resource), host=host, port=port, context=tls(material))


if __name__ == "__main__":
    main(Path(sys.argv[1]), issuers=sys.argv[2], host=sys.argv[3], port=int(sys.argv[4]))
