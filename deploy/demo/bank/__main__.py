"""The bank's APIs: accounts for TPPs and the authorization server, messages for machines.

Started with the path of ``sandbox.json``; it speaks HTTPS on the kit's bank port.
"""

import re
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hmac import compare_digest
from pathlib import Path
from typing import Any

import httpx

from authserver.protocol.errors import InsufficientScope, InvalidToken, OAuthError
from authserver.resource.challenge import challenge, status_of
from authserver.resource.issuer import Access
from authserver.resource.possession import Presented
from deploy.demo.bank import ledger, messages
from deploy.demo.bank.issuers import Trusted, access_of, trusted
from deploy.demo.bank.messages import MessageAPI
from deploy.demo.bank.permissions import ACCOUNTS, BALANCES, accounts_open_for
from deploy.demo.parties import Account
from deploy.demo.sandbox_kit import Kit
from deploy.local import signing
from deploy.local.https_server import Request, Response, as_json, serve, tls_context
from deploy.local.issuer import Failed

API = "/open-banking/v1.1/accounts"
ACCOUNT = re.compile(rf"{API}/(?P<id>[0-9-]{{1,40}})")
ACCOUNT_BALANCES = re.compile(rf"{API}/(?P<id>[0-9-]{{1,40}})/balances")
CUSTOMER = re.compile(r"/people/(?P<id>[A-Z0-9-]{1,40})")
CUSTOMER_ACCOUNTS = re.compile(r"/people/(?P<id>[A-Z0-9-]{1,40})/accounts")
JWKS = re.compile(r"/(?P<client_id>[a-z-]{1,60})/jwks\.json")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
UNAVAILABLE = {"error": "temporarily_unavailable", "error_description": "try again in a moment"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    kit: Kit
    issuers: Trusted
    message_apis: Mapping[str, MessageAPI]

    def answer(self, request: Request) -> Response:
        """Answer one request; every answer carries an interaction id, the caller's if it is one."""
        try:
            response = self._routed(request)
        except OAuthError as refusal:
            response = _refused(refusal, request)
        except (Failed, httpx.HTTPError):
            response = as_json(UNAVAILABLE, status=503, Retry_After="5")
        sent = request.headers.get("x-fapi-interaction-id", "")
        interaction_id = sent if UUID.fullmatch(sent) else str(uuid.uuid4())
        headers = {**response.headers, "x-fapi-interaction-id": interaction_id}
        return replace(response, headers=headers)

    def _routed(self, request: Request) -> Response:
        if request.method != "GET":
            return as_json({"error": "method_not_allowed"}, status=405, Allow="GET")
        if match := JWKS.fullmatch(request.path):
            return self._jwks(match["client_id"])
        if match := CUSTOMER_ACCOUNTS.fullmatch(request.path):
            return self._for_our_server(request, ledger.offered(match["id"]))
        if match := CUSTOMER.fullmatch(request.path):
            return self._for_our_server(request, ledger.named(match["id"]))
        if api := self.message_apis.get(request.path):
            access = self._access(request, audience=api.audience)
            return as_json(messages.answer(api, access))
        if request.path == API:
            return _accounts(ledger.listed(self._open(request, ACCOUNTS)), request.path)
        if match := ACCOUNT.fullmatch(request.path):
            accounts = ledger.listed(self._open(request, ACCOUNTS) & {match["id"]})
            return _accounts(accounts, request.path) if accounts else _not_found()
        if match := ACCOUNT_BALANCES.fullmatch(request.path):
            accounts = ledger.listed(self._open(request, BALANCES) & {match["id"]})
            balances = [ledger.as_balance(account) for account in accounts]
            return _data({"Balance": balances}, request.path) if accounts else _not_found()
        return _not_found()

    def _open(self, request: Request, permission: str) -> set[str]:
        """Return the ids of the accounts that the request's token opens for this permission."""
        access = self._access(request, audience=self.kit.bank["url"])
        access.require_scope("accounts")
        accounts = accounts_open_for(permission, access.authorization_details)
        if not accounts:
            raise InsufficientScope("the consent does not open this")
        return accounts

    def _access(self, request: Request, *, audience: str) -> Access:
        """Judge the request's token; only issuers of tokens for this API are asked about it."""
        presented = Presented(
            authorization=request.headers.get("authorization"),
            method=request.method,
            urls=[self.kit.bank["url"] + request.path],
            certificate=request.certificate,
            dpop_proof=request.headers.get("dpop"),
        )
        issuers = {url: one for url, one in self.issuers.items() if one.audience == audience}
        return access_of(presented, issuers)

    def _for_our_server(self, request: Request, content: Any) -> Response:
        """Answer the authorization server, which alone knows the token of these pages."""
        expected = f"Bearer {self.kit.bank['account_source_token']}".encode()
        if not compare_digest(request.headers.get("authorization", "").encode(), expected):
            raise InvalidToken("this page is for the authorization server")
        return _not_found() if content is None else as_json(content)

    def _jwks(self, client_id: str) -> Response:
        own = {server["client_id"] for server in self.kit.resource_servers}
        if client_id not in own:
            return _not_found()
        return as_json({"keys": [signing.public_jwk(self.kit.clients[client_id].signing_key)]})


def _accounts(accounts: list[Account], path: str) -> Response:
    return _data({"Account": [ledger.as_account(account) for account in accounts]}, path)


def _data(content: dict[str, Any], path: str) -> Response:
    return as_json({"Data": content, "Links": {"Self": path}, "Meta": {}})


def _refused(refusal: OAuthError, request: Request) -> Response:
    """Say no; to who showed no token, only what to show (RFC 6750, 3.1)."""
    shown = refusal if "authorization" in request.headers else None
    content = {"error": refusal.code, "error_description": refusal.public_description}
    asks_for = challenge(shown, algorithms=("PS256", "ES256", "Ed25519"))
    return as_json(content, status=status_of(refusal), WWW_Authenticate=asks_for)


def _not_found() -> Response:
    return as_json({"error": "not_found"}, status=404)


def bank(kit: Kit, issuers: Trusted) -> Bank:
    return Bank(kit=kit, issuers=issuers, message_apis=messages.offered(kit))


def main(path: Path) -> None:
    kit = Kit.read(path)
    pki = path.parent.parent / "pki"
    context = tls_context(
        certificate=pki / "server.pem",
        key=pki / "server.key",
        client_authorities=[kit.root, kit.issuing],
    )
    serve(
        bank(kit, trusted(kit)).answer,
        host=kit.addresses.bind_host,
        port=kit.addresses.bank_port,
        context=context,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
