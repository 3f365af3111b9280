"""The code flow of a TPP, step by step (FAPI 2.0): push, send the person, redeem, refresh."""

import hashlib
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

from deploy.demo.tpp import consent_requests
from deploy.local import signing
from deploy.local.issuer import ALGORITHMS, Failed, Issuer
from deploy.local.signing import b64

REQUEST_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What the client keeps while the person is away."""

    authorization_url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    access_token: str
    refresh_token: str
    subject: str


def push(issuer: Issuer, authorization_details: Sequence[Mapping[str, Any]]) -> Pending:
    """Push a signed request; the answer's request_uri is all that the browser will carry."""
    client = issuer.client
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    now = int(time.time())
    request = {
        "iss": client.client_id,
        "aud": client.issuer,
        "nbf": now,
        "iat": now,
        "exp": now + REQUEST_SECONDS,
        "client_id": client.client_id,
        "response_type": "code",
        "redirect_uri": client.redirect_uri,
        "scope": "openid accounts",
        "state": state,
        "nonce": nonce,
        "code_challenge": b64(hashlib.sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
        "authorization_details": list(authorization_details),
        "claims": consent_requests.CLAIMS,
        "purpose": consent_requests.PURPOSE,
    }
    signed = signing.sign(
        request, key=client.signing_key, kid=client.kid, typ="oauth-authz-req+jwt"
    )
    pushed = issuer.post(
        "The TPP pushes a signed request",
        "pushed_authorization_request_endpoint",
        {"request": signed},
    )
    query = urlencode({"client_id": client.client_id, "request_uri": pushed["request_uri"]})
    endpoint = issuer.metadata["authorization_endpoint"]  # with a query of its own, perhaps
    return Pending(
        authorization_url=f"{endpoint}{'&' if '?' in endpoint else '?'}{query}",
        state=state,
        nonce=nonce,
        verifier=verifier,
    )


def code_from(answer: Mapping[str, str], *, pending: Pending, issuer_url: str) -> str:
    """Return the code of an authorization response that belongs to this journey; raise Failed."""
    if not compare_digest(answer.get("state", "").encode(), pending.state.encode()):
        raise Failed("This answer belongs to no journey that this browser has started here.")
    if answer.get("iss") != issuer_url:  # RFC 9207: a mix-up of issuers otherwise
        raise Failed("This answer comes from another issuer than the one that was asked.")
    if "error" in answer:
        raise Failed(answer.get("error_description", ""), error=answer["error"])
    if not answer.get("code"):
        raise Failed("This answer carries no code.")
    return answer["code"]


def redeem(issuer: Issuer, code: str, pending: Pending) -> Tokens:
    """Exchange the code for tokens and check the id_token that comes with them."""
    answer = issuer.post(
        "The TPP exchanges the code for tokens",
        "token_endpoint",
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": issuer.client.redirect_uri,
            "code_verifier": pending.verifier,
        },
    )
    return Tokens(
        access_token=answer["access_token"],
        refresh_token=answer.get("refresh_token", ""),
        subject=_subject(issuer, answer.get("id_token", ""), nonce=pending.nonce),
    )


def refresh(issuer: Issuer, tokens: Tokens) -> Tokens:
    answer = issuer.post(
        "The TPP asks for a new access token",
        "token_endpoint",
        {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token},
    )
    return Tokens(
        access_token=answer["access_token"],
        refresh_token=answer.get("refresh_token", tokens.refresh_token),
        subject=tokens.subject,
    )


def revoke(issuer: Issuer, tokens: Tokens) -> None:
    for token in filter(None, (tokens.refresh_token, tokens.access_token)):
        issuer.post("The TPP gives its token back", "revocation_endpoint", {"token": token})


def _subject(issuer: Issuer, id_token: str, *, nonce: str) -> str:
    """Return the ``sub`` of an id_token that is meant for this client and this journey."""
    try:
        _, claims = signing.verify(id_token, keys=issuer.keys(), algorithms=ALGORITHMS)
    except signing.BadSignature:
        raise Failed("The id_token is not the issuer's.") from None
    expected = {"iss": issuer.client.issuer, "aud": issuer.client.client_id, "nonce": nonce}
    if any(claims.get(name) != value for name, value in expected.items()):
        raise Failed("The id_token was made for somebody else.")
    if not isinstance(claims.get("exp"), int | float) or claims["exp"] <= time.time():
        raise Failed("The id_token has expired.")
    return str(claims.get("sub", ""))
