"""Client authentication: who is calling, and is it really them? The one gate of every endpoint.

Every failure is the same InvalidClient. A client that is unknown, suspended or registered for
another method costs as much work as a wrong signature, so that neither the answer nor its time
tells whether it exists.
"""

import ipaddress
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import cache

from authserver.ecosystems.models import Ecosystem
from authserver.protocol import jose
from authserver.protocol.errors import InvalidClient, OAuthError
from authserver.protocol.requirements import requirement
from authserver.protocol.specs import client_assertion
from authserver.protocol.specs.client_assertion import (
    ASSERTION_TYPE,
    Unproven,
    VerifiedAssertion,
)
from authserver.web.back_channel_request import BackChannelRequest
from clients import jwks, mutual_tls, registration
from clients.models import Client
from clients.registration import Claimed

Admission = Callable[[Client], None]
RSA = "PS256"
ALGORITHMS = (RSA, "ES256", "Ed25519")


@requirement("FAPI2-SP-FINAL-5.3.2.1-6", "RFC6749-2.3", "CBUAE-2.1.3")
def authenticate(
    http: BackChannelRequest,
    ecosystem: Ecosystem,
    *,
    now: datetime,
    before_consuming: Admission | None = None,
) -> Client:
    """Return the client that sent this request, or raise InvalidClient.

    Its ecosystem and participant come with it, as they are registered at this moment. Where the
    caller was judged by what has changed since, it is RegistrationChanged, and nothing was used
    up. ``before_consuming`` is asked once the caller is known and before its assertion is used up;
    what it raises leaves the assertion good for another try.
    """
    one_credential_is_sent(http)
    by_assertion = "client_assertion" in http.form or "client_assertion_type" in http.form
    unproven = client_assertion.read(_assertion(http)) if by_assertion else None
    claimed = registration.claimed(_name_of(http, unproven), ecosystem)
    try:
        client, assertion = (
            _by_assertion(unproven, claimed, now=now)
            if unproven
            else _by_certificate(http, claimed, now=now)
        )
        if before_consuming is not None:
            before_consuming(client)
    except OAuthError:
        claimed.require_current()
        raise
    with refusals_named(client):
        if assertion is None:
            registration.confirm(client)
        else:
            assertion_is_used_once(assertion, client)
        if http.certificate is not None and client.revocation_is_checked:
            mutual_tls.require_not_revoked(http.certificate, ecosystem, now=now)
        mutual_tls.require_profile(http.certificate, client, now=now)
        address_is_allowed(http, client)
    return client


def claimed_client_id(form: Mapping[str, str]) -> str:
    """Who the caller says it is; nothing is verified. Empty where it does not say so."""
    if named := form.get("client_id"):
        return named
    with suppress(InvalidClient):
        return client_assertion.read(form.get("client_assertion", "")).client_id
    return ""


@contextmanager
def refusals_named(client: Client) -> Iterator[None]:
    """What is refused to somebody who proved a key is kept under their name, for them to see."""
    try:
        yield
    except InvalidClient as error:
        error.client_id = client.client_id
        raise


@requirement("RFC6749-2.3")
def one_credential_is_sent(http: BackChannelRequest) -> None:
    """Two credentials may belong to two clients; which of them was checked must not be a guess."""
    for sent, name in (
        (http.authorization is not None, "an Authorization header"),
        ("client_secret" in http.form, "client_secret"),
    ):
        if sent:
            raise InvalidClient(expected="an assertion or a certificate alone", seen=name)


def _name_of(http: BackChannelRequest, assertion: Unproven | None) -> str:
    """Who the caller says it is, in one way only; InvalidClient where it does not."""
    if assertion is None:
        if http.certificate is None or "client_id" not in http.form:
            raise InvalidClient(
                expected="an assertion, or client_id and a certificate", seen="neither"
            )
        return http.form["client_id"]
    if http.form.get("client_id", assertion.client_id) != assertion.client_id:
        raise InvalidClient(expected="client_id is iss of the assertion", seen="another client")
    return assertion.client_id


@requirement("RFC7523-3", "FAPI2-SP-FINAL-5.3.2.1-8")
def _by_assertion(
    assertion: Unproven, claimed: Claimed, *, now: datetime
) -> tuple[Client, VerifiedAssertion]:
    client = claimed.client
    if client is None or (fault := _why_not(client, "private_key_jwt")):
        nobodys = _nobodys_keys(assertion)
        with suppress(InvalidClient):
            _verified(assertion, claimed, nobodys, ALGORITHMS, now)
        seen = "an unknown client" if client is None else fault
        raise InvalidClient(expected="an active client with private_key_jwt", seen=seen)

    keys = jwks.keys_of(client, name=assertion.token.key_name, now=now)
    return client, _verified(assertion, claimed, keys, client.signing_algorithms, now)


@requirement("RFC7521-4.2")
def _assertion(http: BackChannelRequest) -> str:
    if http.form.get("client_assertion_type") != ASSERTION_TYPE:
        raise InvalidClient(expected="client_assertion_type jwt-bearer", seen="another or none")
    if "client_assertion" not in http.form:
        raise InvalidClient(expected="client_assertion", seen="absent")
    return http.form["client_assertion"]


def _verified(
    assertion: Unproven,
    claimed: Claimed,
    keys: jose.PublicKeys,
    algorithms: tuple[str, ...],
    now: datetime,
) -> VerifiedAssertion:
    ecosystem = claimed.ecosystem
    return client_assertion.verify(
        assertion,
        client_id=claimed.client_id,
        keys=keys,
        issuer=ecosystem.issuer,
        algorithms=algorithms,
        max_lifetime=ecosystem.rules.max_assertion_lifetime,
        clock_skew=ecosystem.rules.clock_skew,
        now=now,
    )


@requirement("RFC7523-3", "FAPI2-SP-FINAL-5.3.2.1-6")
def assertion_is_used_once(proven: VerifiedAssertion, client: Client) -> None:
    """After the signature: whoever guesses a jti cannot use it up with a forgery."""
    if not registration.confirm_and_consume(
        client,
        purpose="client_assertion",
        owner=proven.client_id,
        jti=proven.jti,
        expires_at=proven.expires_at,
    ):
        raise InvalidClient(expected="a jti that was not used before", seen="a used one")


@requirement("MTLS-2", "FFI-1")
def _by_certificate(
    http: BackChannelRequest, claimed: Claimed, *, now: datetime
) -> tuple[Client, None]:
    assert http.certificate is not None
    client = claimed.client
    if client is None or (fault := _why_not(client, *mutual_tls.METHODS)):
        with suppress(InvalidClient):
            mutual_tls.verify_trust(http.certificate, claimed.ecosystem, now=now)
        seen = "an unknown client" if client is None else fault
        raise InvalidClient(expected="an active client that authenticates by TLS", seen=seen)

    mutual_tls.require_registration(http.certificate, client, now=now)
    return client, None


def _why_not(client: Client, *methods: str) -> str:
    """Why it may not authenticate by any of these methods; empty if it may."""
    if not client.is_allowed_in:
        return "a client that is not active, or whose participant is not"
    method = client.token_endpoint_auth_method
    if method not in methods:
        return f"a client registered for {method}"
    if method not in client.ecosystem.rules.client_authentication_methods:
        return "a method that the profile does not offer"
    return ""


def _nobodys_keys(assertion: Unproven) -> jose.PublicKeys:
    """Keys that nobody has, under the name that the assertion gives its key."""
    kid = assertion.token.key_name.kid
    return jose.PublicKeys(keys=tuple(replace(key, kid=kid) for key in _discarded_keys().keys))


@cache
def _discarded_keys() -> jose.PublicKeys:
    made = [jose.load_private_key(jose.generate(each), each) for each in ALGORITHMS if each != RSA]
    # A random number costs a verifier what a modulus does, and nobody knows its factors. To make
    # a real one takes 0.1 s, of the first caller of each process that is refused.
    modulus = secrets.randbits(2048) | 1 << 2047 | 1
    random = {
        "kty": "RSA",
        "alg": RSA,
        "n": jose.base64url.encode(modulus.to_bytes(256)),
        "e": "AQAB",
    }
    return jose.import_jwks({"keys": [random, *(jose.public_jwk(key) for key in made)]})


@requirement("FFI-17")
def address_is_allowed(http: BackChannelRequest, client: Client) -> None:
    """In addition to its authentication, never instead of it."""
    if client.allowed_addresses and not _is_in(http.client_address, client.allowed_addresses):
        raise InvalidClient(expected="one of the client's addresses", seen="another address")


def _is_in(address: str, networks: list[str]) -> bool:
    try:
        sender = ipaddress.ip_address(address)
        mapped = sender.ipv4_mapped if isinstance(sender, ipaddress.IPv6Address) else None
        return any((mapped or sender) in ipaddress.ip_network(each) for each in networks)
    except ValueError:
        return False
