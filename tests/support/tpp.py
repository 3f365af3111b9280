"""A third party provider: a correct FAPI client that a test can make slightly wrong."""

import time
import uuid
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.test import Client as Http

from clients.models import Client
from tests.support import certificates
from tests.support.dpop import Prover
from tests.support.signing import compact
from tests.support.world import CALLBACK, rsa_key

FORM = "application/x-www-form-urlencoded"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
VALID_REQUEST: dict[str, Any] = {
    "response_type": "code",
    "redirect_uri": CALLBACK,
    "scope": "openid accounts",
    "state": "state-of-the-test",
    "nonce": "nonce-of-the-test",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def without_nones(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


@dataclass
class ThirdParty:
    """Sends the valid request with the changes named; None takes a member away.

    ``certificate`` is presented with every call unless a test gives another one, or None.
    """

    client: Client
    http: Http
    certificate: certificates.Issued | None = None
    prover: Prover | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def client_id(self) -> str:
        return self.client.client_id

    @property
    def ecosystem(self) -> Any:
        return self.client.participant.ecosystem

    def with_certificate(self, issued: certificates.Issued | None) -> "ThirdParty":
        return replace(self, certificate=issued)

    def post(self, path: str, form: Any, *, query: str = "", **headers: Any) -> Any:
        """Post a form to an endpoint of the ecosystem, as the TLS front would hand it on."""
        sent: dict[str, Any] = {**self.headers, **headers}
        if self.certificate is not None:
            sent = certificates.forwarded(self.certificate.pem) | sent
        if self.prover is not None and "DPoP" not in sent:
            sent["DPoP"] = self.prover.proof("POST", self.ecosystem.issuer + path)
        body = form if isinstance(form, str) else urlencode(without_nones(form), doseq=True)
        return self.http.post(
            f"/{self.ecosystem.slug}{path}{query}",
            body,
            content_type=FORM,
            headers=without_nones(sent),
        )

    def assertion(self, *, header: dict[str, Any] | None = None, key: Any = None, **changes: Any):
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.ecosystem.issuer,
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + 60,
        } | changes
        return self.sign(claims, header=header, key=key)

    def sign(
        self, claims: dict[str, Any], *, header: dict[str, Any] | None = None, key: Any = None
    ) -> str:
        key = key or rsa_key(self.client_id)
        headers = {"alg": "PS256", "kid": key.kid} | (header or {})
        return compact(without_nones(headers), without_nones(claims), key)

    def authentication(self, **changes: Any) -> dict[str, Any]:
        if self.client.token_endpoint_auth_method != "private_key_jwt":
            return {"client_id": self.client_id}
        return {
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(**changes),
        }

    def request_object(
        self, *, header: dict[str, Any] | None = None, key: Any = None, **changes: Any
    ) -> str:
        now = int(time.time())
        claims = (
            VALID_REQUEST
            | {
                "iss": self.client_id,
                "client_id": self.client_id,
                "aud": self.ecosystem.issuer,
                "nbf": now,
                "exp": now + 300,
            }
            | changes
        )
        return self.sign(claims, header=header, key=key)

    def push(self, *, assertion: dict[str, Any] | None = None, **changes: Any) -> Any:
        """Push the valid request as a form."""
        return self.post("/par", VALID_REQUEST | self.authentication(**(assertion or {})) | changes)

    def push_signed(
        self,
        *,
        header: dict[str, Any] | None = None,
        key: Any = None,
        outside: dict[str, Any] | None = None,
        **changes: Any,
    ) -> Any:
        """Push the valid request as a signed request object; ``outside`` goes beside it."""
        request = self.request_object(header=header, key=key, **changes)
        return self.post("/par", {"request": request} | self.authentication() | (outside or {}))

    def token(self, *, assertion: dict[str, Any] | None = None, **form: Any) -> Any:
        return self.post("/token", self.authentication(**(assertion or {})) | form)

    def redeem(self, code: str, **changes: Any) -> Any:
        """Redeem a code the way the valid request wants it."""
        return self.token(
            **{
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": CALLBACK,
                "code_verifier": VERIFIER,
            }
            | changes
        )

    def refresh(self, refresh_token: str, **changes: Any) -> Any:
        return self.token(
            **{"grant_type": "refresh_token", "refresh_token": refresh_token} | changes
        )

    def introspect(self, token: str, **changes: Any) -> Any:
        return self.post("/introspect", self.authentication() | {"token": token} | changes)

    def revoke(self, token: str, **changes: Any) -> Any:
        return self.post("/revoke", self.authentication() | {"token": token} | changes)

    def userinfo(self, token: str, *, scheme: str = "Bearer", **headers: Any) -> Any:
        """Call userinfo with the token, and the certificate or proof that it is bound to."""
        sent: dict[str, Any] = {"Authorization": f"{scheme} {token}"} | headers
        if self.certificate is not None:
            sent = certificates.forwarded(self.certificate.pem) | sent
        if self.prover is not None and "DPoP" not in sent:
            sent["DPoP"] = self.prover.proof(
                "GET", self.ecosystem.issuer + "/userinfo", access_token=token
            )
        return self.http.get(f"/{self.ecosystem.slug}/userinfo", headers=without_nones(sent))
