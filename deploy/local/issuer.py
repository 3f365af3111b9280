"""An issuer as one of its clients meets it: metadata, keys, and requests that prove who asks."""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import httpx

from deploy.local import signing
from deploy.local.client import Client
from deploy.local.https_client import HTTPSClient

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 60
ALGORITHMS = ("PS256", "ES256", "EdDSA")


class Failed(Exception):
    """The server said no, or something that a careful client does not accept."""

    def __init__(self, sentence: str, *, error: str = "", reference: str = "") -> None:
        super().__init__(sentence)
        self.error = error
        self.reference = reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Every call goes by ``https`` in the name of ``client`` and may raise Failed."""

    client: Client
    https: HTTPSClient
    metadata: Mapping[str, Any]

    @classmethod
    def discover(cls, client: Client, https: HTTPSClient) -> Self:
        url = f"{client.issuer}/.well-known/openid-configuration"
        metadata = https.get(f"{client.name} reads what the issuer offers", url)
        content = checked(metadata)
        if content.get("issuer") != client.issuer:  # RFC 8414, 3.3: a mix-up otherwise
            raise Failed("The metadata belongs to another issuer.")
        return cls(client=client, https=https, metadata=content)

    def keys(self) -> Sequence[Mapping[str, Any]]:
        answer = self.https.get(
            f"{self.client.name} reads the issuer's keys", self.metadata["jwks_uri"]
        )
        keys: Sequence[Mapping[str, Any]] = checked(answer)["keys"]
        return keys

    def post(self, what: str, endpoint: str, form: Mapping[str, str]) -> dict[str, Any]:
        """Post to a named endpoint, at its mTLS alias where there is one."""
        aliases = self.metadata.get("mtls_endpoint_aliases", {})
        url = aliases.get(endpoint, self.metadata[endpoint])
        return checked(self.https.post(what, url, {**form, **self._credentials()}))

    def _credentials(self) -> dict[str, str]:
        if self.client.authenticates_by == "tls_client_auth":
            return {"client_id": self.client.client_id}
        now = int(time.time())
        claims = {
            "iss": self.client.client_id,
            "sub": self.client.client_id,
            "aud": self.client.issuer,
            "jti": secrets.token_urlsafe(24),
            "iat": now,
            "nbf": now,
            "exp": now + ASSERTION_SECONDS,
        }
        assertion = signing.sign(claims, key=self.client.signing_key, kid=self.client.kid)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


def checked(answer: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of a good answer; raise Failed with what the server said."""
    try:
        content = answer.json() if answer.content else {}
    except ValueError:
        content = {}
    if answer.is_success and isinstance(content, dict):
        return content
    error = content if isinstance(content, dict) else {}
    raise Failed(
        str(error.get("error_description") or f"The server answered {answer.status_code}."),
        error=str(error.get("error", "")),
        reference=answer.headers.get("x-fapi-interaction-id", ""),
    )
