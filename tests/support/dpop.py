"""A DPoP prover (RFC 9449) that a test can make slightly wrong."""

import base64
import hashlib
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey

from tests.support.signing import compact


@dataclass
class Prover:
    """Holds a P-256 key and makes proofs with it; None takes a member away."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    nonce: str | None = None

    @property
    def jkt(self) -> str:
        return self.key.thumbprint()

    def proof(
        self,
        method: str,
        url: str,
        *,
        access_token: str | None = None,
        header: dict[str, Any] | None = None,
        key: Any = None,
        **changes: Any,
    ) -> str:
        claims: dict[str, Any] = {
            "jti": str(uuid.uuid4()),
            "htm": method,
            "htu": url,
            "iat": int(time.time()),
            "nonce": self.nonce,
        }
        if access_token is not None:
            claims["ath"] = (
                base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest())
                .rstrip(b"=")
                .decode()
            )
        claims |= changes
        headers = {
            "typ": "dpop+jwt",
            "alg": "ES256",
            "jwk": self.key.as_dict(private=False),
        } | (header or {})
        return compact(
            {name: value for name, value in headers.items() if value is not None},
            {name: value for name, value in claims.items() if value is not None},
            key or self.key,
        )
