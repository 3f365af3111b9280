"""What a right answer is, the same of both servers; whatever is not raises Wrong."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from tests.bench.browser import parameters_of
from tests.bench.client import CLIENT, CLIENT_WITH_DPOP, DETAILS
from tests.bench.connection import Answer
from tests.bench.seed import JWT_RESOURCE, OPAQUE_RESOURCE
from tests.bench.side import Side
from tests.bench.signing import NONCE, STATE


class Wrong(Exception):
    """An answer that is not what was asked for; says what of it."""


def equal(what: str, value: object, expected: object) -> None:
    if value != expected:
        raise Wrong(f"{what} is {value!r} in the place of {expected!r}")


def body_of(answers: Sequence[Answer], *, status: int = 200) -> dict[str, Any]:
    """The JSON object of the one answer that there is."""
    equal("the number of answers", len(answers), 1)
    if answers[0].status != status:
        equal(f"the status of {answers[0].body[:300]!r}", answers[0].status, status)
    body = json.loads(answers[0].body)
    if not isinstance(body, dict):
        raise Wrong("the body is no JSON object")
    return body


class Expected:
    """The rules for each operation; they run when the clock has stopped."""

    def __init__(self, side: Side, *, jkt: str) -> None:
        self.side, self.jkt = side, jkt
        self.thumbprint = side.thumbprint(CLIENT)

    def metadata(self, answers: Sequence[Answer]) -> None:
        body = body_of(answers)
        equal("the issuer", body["issuer"], self.side.issuer)
        equal("the endpoint", bool(body["pushed_authorization_request_endpoint"]), True)

    def jwks(self, answers: Sequence[Answer]) -> None:
        keys = body_of(answers)["keys"]
        equal("a PS256 key", any(key.get("alg") == "PS256" for key in keys), True)

    def client_credentials(self, answers: Sequence[Answer]) -> None:
        self._access_token(body_of(answers), cnf={"x5t#S256": self.thumbprint})

    def client_credentials_by_dpop(self, answers: Sequence[Answer]) -> None:
        body = body_of(answers)
        equal("token_type", body["token_type"], "DPoP")
        self._access_token(body, cnf={"jkt": self.jkt}, client=CLIENT_WITH_DPOP)

    def pushed(self, answers: Sequence[Answer]) -> None:
        uri = body_of(answers, status=201)["request_uri"]
        equal("request_uri", uri.startswith("urn:ietf:params:oauth:request_uri:"), True)

    def tokens(self, answers: Sequence[Answer]) -> None:
        """A person's first: JWT access token, id_token, refresh token."""
        body = body_of(answers)
        claims = self._access_token(
            body, cnf={"x5t#S256": self.thumbprint}, scope="openid accounts"
        )
        equal("authorization_details", claims["authorization_details"], DETAILS)
        equal("refresh_token", bool(body["refresh_token"]), True)
        told = self.side.claims_in(body["id_token"])
        facts = {"iss": self.side.issuer, "aud": CLIENT, "nonce": NONCE}
        equal("the id_token", {name: told[name] for name in facts}, facts)

    def refreshed(self, answers: Sequence[Answer]) -> None:
        body = body_of(answers)
        equal("id_token", "id_token" in body, False)
        scope = self.side.refresh_scope or "openid accounts"
        self._access_token(body, cnf={"x5t#S256": self.thumbprint}, scope=scope)

    def introspected(self, answers: Sequence[Answer]) -> None:
        body = body_of(answers)
        facts = {
            "active": True,
            "client_id": CLIENT,
            "cnf": {"x5t#S256": self.thumbprint},
            "authorization_details": DETAILS,
        }
        equal("what it says", {name: body.get(name) for name in facts}, facts)
        equal("aud", _listed(body["aud"]), [OPAQUE_RESOURCE])

    def userinfo(self, answers: Sequence[Answer]) -> None:
        equal("the claims", sorted(body_of(answers)), ["sub"])

    def redirected(self, redirect: str) -> str:
        """The code in the redirect to the client."""
        parameters = parameters_of(redirect)
        equal("iss", parameters.get("iss"), self.side.issuer)
        return self._code(parameters)

    def redirected_by_jarm(self, redirect: str) -> str:
        parameters = parameters_of(redirect)
        equal("the parameters", sorted(parameters), ["response"])
        claims = self.side.claims_in(parameters["response"])
        facts = {"iss": self.side.issuer, "aud": CLIENT}
        equal("the response", {name: claims.get(name) for name in facts}, facts)
        return self._code(claims)

    def _code(self, parameters: dict[str, Any]) -> str:
        equal("the error", parameters.get("error"), None)
        equal("state", parameters.get("state"), STATE)
        return str(parameters["code"])

    def _access_token(
        self, body: dict[str, Any], *, cnf: dict[str, str], client: str = CLIENT, scope: str = ""
    ) -> dict[str, Any]:
        claims = self.side.claims_in(body["access_token"])
        facts = {"iss": self.side.issuer, "client_id": client, "cnf": cnf}
        equal("the access token", {name: claims.get(name) for name in facts}, facts)
        equal("aud", _listed(claims["aud"]), [JWT_RESOURCE])
        return claims


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


Rule = Callable[[Sequence[Answer]], None]
