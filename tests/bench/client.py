"""The third party and the bank at one of the servers: requests as octets, each good once."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tests.bench.connection import request
from tests.bench.seed import DETAIL_TYPE, JWT_RESOURCE
from tests.bench.side import Side
from tests.bench.signing import REDEMPTION, BoundByProof, Signer

CLIENT, CLIENT_WITH_DPOP = "tpp", "tpp-dpop"
DETAILS = [
    {"type": DETAIL_TYPE, "actions": ["read"], "datatypes": ["allergies", "medications"]},
]


class ThirdParty:
    """Makes requests for one server, signed now."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.proof = BoundByProof()
        self.bank = side.parties["bank"]
        self._signers = {each: Signer(side, each) for each in side.parties["clients"]}

    def get(self, url: str) -> bytes:
        return request("GET", url, headers=self.side.front)

    def client_credentials(self) -> bytes:
        form = {"grant_type": "client_credentials", "scope": "accounts", "resource": JWT_RESOURCE}
        return self._post("token_endpoint", CLIENT, form)

    def client_credentials_by_dpop(self) -> bytes:
        form = {"grant_type": "client_credentials", "scope": "accounts", "resource": JWT_RESOURCE}
        url = self.side.metadata["token_endpoint"]
        headers = {**self.side.front, **self.proof.headers(url)}
        form |= self._signers[CLIENT_WITH_DPOP].authentication()
        return request("POST", url, form=form, headers=headers)

    def push(self, **parameters: Any) -> bytes:
        form = {"request": self._signers[CLIENT].request_object(parameters)}
        return self._post("pushed_authorization_request_endpoint", CLIENT, form)

    def authorization_url(self, request_uri: str) -> str:
        query = urlencode({"client_id": CLIENT, "request_uri": request_uri})
        return f"{self.side.metadata['authorization_endpoint']}?{query}"

    def redeem(self, code: str, *, resource: str | None) -> bytes:
        form = REDEMPTION | {"code": code} | ({"resource": resource} if resource else {})
        return self._post("token_endpoint", CLIENT, form)

    def refresh(self, refresh_token: str) -> bytes:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        form["resource"] = JWT_RESOURCE
        if self.side.refresh_scope:
            form["scope"] = self.side.refresh_scope
        return self._post("token_endpoint", CLIENT, form)

    def introspect(self, token: str) -> bytes:
        form = {"token": token, "token_type_hint": "access_token"}  # the peer looks for three kinds
        return self._post("introspection_endpoint", self.bank, form)

    def userinfo(self, token: str) -> bytes:
        headers = {"Authorization": f"Bearer {token}"} | self._headers(CLIENT)
        return request("GET", self.side.metadata["userinfo_endpoint"], headers=headers)

    def _post(self, endpoint: str, client: str, form: Mapping[str, str]) -> bytes:
        sent = dict(form) | self._signers[client].authentication()
        url = self.side.metadata[endpoint]
        return request("POST", url, form=sent, headers=self._headers(client))

    def _headers(self, client: str) -> dict[str, str]:
        return {**self.side.front, **self.side.certificate_headers(client)}
