"""What the clients sign: made before the clock starts, so that the driver's share stays small."""

import time
import uuid
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from tests.bench.side import REDIRECT_URI, Side
from tests.support.dpop import Prover
from tests.support.signing import compact

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
LIFETIME = 240  # seconds
NONCE = "nonce-of-the-bench"
STATE = "state-of-the-bench"


class Signer:
    """One client, as it signs for one of the servers."""

    def __init__(self, side: Side, client: str) -> None:
        self.side, self.client = side, client
        self._key = RSAKey.import_key(side.parties["clients"][client])

    def authentication(self) -> dict[str, str]:
        """The parameters of a fresh client assertion."""
        claims = {"iss": self.client, "sub": self.client, "jti": uuid.uuid4().hex}
        return {
            "client_id": self.client,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._signed(claims),
        }

    def request_object(self, parameters: Mapping[str, Any]) -> str:
        """A signed authorization request (RFC 9101) with PKCE, ``parameters`` beside it."""
        claims = {
            "iss": self.client,
            "client_id": self.client,
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "state": STATE,
            "nonce": NONCE,
        }
        return self._signed({**claims, **parameters}, typ="oauth-authz-req+jwt")

    def _signed(self, claims: dict[str, Any], **header: str) -> str:
        now = int(time.time())
        times = {"iat": now, "nbf": now, "exp": now + LIFETIME, "aud": self.side.issuer}
        named = {"alg": "PS256", "kid": self._key.kid, **header}
        return compact(named, claims | times, self._key)


class BoundByProof:
    """The key of a client that binds its tokens by DPoP."""

    @cached_property
    def _prover(self) -> Prover:
        return Prover(key=ECKey.generate_key("P-256"))

    @property
    def jkt(self) -> str:
        return self._prover.jkt

    def headers(self, url: str) -> dict[str, str]:
        return {"DPoP": self._prover.proof("POST", url)}


REDEMPTION = {
    "grant_type": "authorization_code",
    "redirect_uri": REDIRECT_URI,
    "code_verifier": VERIFIER,
}
