"""The resource-server kit: a bank's API takes our tokens, and nothing else, with their key."""

import base64
import json
import threading
import time
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from authserver.protocol import jose
from authserver.protocol.errors import InsufficientScope, InvalidToken, TemporarilyUnavailable
from authserver.resource.challenge import challenge
from authserver.resource.issuer import Access
from authserver.resource.keys import KeyCache
from authserver.resource.metadata import protected_resource_metadata
from consents import actions as consents
from consents.models import Consent
from tests.operations.resource_kit import bank_api
from tests.operations.resource_kit.calling import call
from tests.support.signing import compact
from tests.support.world import BANK, rsa_key

case = pytest.mark.case
requirement = pytest.mark.requirement


@pytest.fixture(scope="module", autouse=True)
def at_the_bank():
    """Its URLs beside ours; made once, not for every test."""
    with override_settings(ROOT_URLCONF="tests.operations.resource_kit.bank_api"):
        yield


@pytest.fixture(params=["verifies", "introspects", "does both"])
def trusting(request, rs):
    """A bank that verifies JWTs, asks about every token, or does both."""
    how = request.param

    def fetch():
        return rs.http.get("/openfinance/jwks").json()

    def introspect(token):
        return rs.introspect(token).json()

    bank_api.trust(
        fetch=fetch if how != "introspects" else None,
        introspect=introspect if how != "verifies" else None,
    )
    return how


@requirement("FAPI2-SP-FINAL-5.3.4-2", "FAPI2-SP-FINAL-5.3.4-1", "RFC9068-4")
def test_a_bound_token_opens_the_api_with_its_key(trusting, tpp, granted):
    response = call(tpp, granted["access_token"])

    assert response.status_code == 200, response.content
    assert response.json() == {"client": "tpp", "scope": ["accounts", "openid"]}


@case("TK-01", "TK-02")
@requirement("MTLS-3", "FFI-10")
def test_a_stolen_token_opens_nothing(trusting, tpp, other_tpp, granted):
    for certificate in (None, other_tpp.certificate):
        response = call(tpp, granted["access_token"], certificate=certificate)
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith('Bearer error="invalid_token"')
        assert response.json()["error"] == "invalid_token"


@requirement("RFC6750-3.1", "RFC6750-3")
def test_without_a_token_only_the_scheme_is_said(trusting, tpp, granted):
    response = tpp.http.get("/bank/accounts")

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert "error=" not in response["WWW-Authenticate"]


@case("TK-03")
@requirement("FAPI2-SP-FINAL-5.3.4-2", "RFC6750-2.1")
def test_a_token_outside_the_header_is_no_token(trusting, tpp, granted):
    response = tpp.http.get(f"/bank/accounts?access_token={granted['access_token']}")

    assert response.status_code == 401


@case("DP-20", "HT-03")
@requirement("RFC6750-3.1")
@pytest.mark.parametrize("second", ["Bearer {}", "DPoP {}", "Basic eDp5", "Bearer other", ""])
def test_two_authorization_headers_are_none(trusting, tpp, granted, second):
    """A server before us has joined them with a comma: which one counts would be a guess."""
    token = granted["access_token"]
    other = second.format(token)
    for joined in (f"Bearer {token},{other}", f"{other},Bearer {token}"):
        response = call(tpp, token, Authorization=joined)
        assert response.status_code == 400
        assert response.json()["error"] == "invalid_request"
        assert response["WWW-Authenticate"].startswith('Bearer error="invalid_request"')
    assert call(tpp, token).status_code == 200


@case("ER-05")
@requirement("RFC9068-4")
def test_while_the_issuers_keys_are_away_the_answer_is_503(tpp, granted):
    """The token may be a good one: a 401 would make its client throw it away."""
    bank_api.trust(fetch=lambda: {"keys": "rubbish"})

    response = call(tpp, granted["access_token"])

    assert response.status_code == 503
    assert response.json()["error"] == "temporarily_unavailable"
    assert response["Retry-After"] == "5"
    assert "WWW-Authenticate" not in response


@requirement("RFC6750-3.1", "FFI-9")
def test_a_scope_that_is_missing_is_said(trusting, tpp, person):
    answer = person.approves(tpp, tpp.push(scope="openid payments").json()["request_uri"])
    token = tpp.redeem(answer["code"]).json()["access_token"]

    response = call(tpp, token)
    assert response.status_code == 403
    assert response.json()["error"] == "insufficient_scope"


@requirement("RFC6750-3.1", "FFI-9")
@pytest.mark.parametrize("asked", [["payments"], ["accounts", "payments"], ["Accounts"], [""]])
def test_a_view_without_drf_can_ask_for_scopes(asked):
    access = Access(
        issuer=bank_api.ISSUER,
        subject="somebody",
        client_id="tpp",
        scope=frozenset({"openid", "accounts"}),
        expires_at=timezone.now(),
    )
    access.require_scope("accounts", "openid")

    with pytest.raises(InsufficientScope):
        access.require_scope(*asked)


@requirement("RAR-9.1")
def test_details_that_are_missing_are_said(trusting, tpp, granted):
    assert call(tpp, granted["access_token"], path="/bank/payments").status_code == 403


def forged(token, *, header=None, key=None, **claims):
    """The token with claims changed, signed again by somebody else's key or not at all."""
    head, payload, signature = token.split(".")

    def opened(part):
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))

    if key is None:
        changed = json.dumps(opened(payload) | claims).encode()
        return f"{head}.{base64.urlsafe_b64encode(changed).rstrip(b'=').decode()}.{signature}"
    return compact(opened(head) | (header or {}), opened(payload) | claims, key)


@case("TK-06")
@requirement("RFC9068-4")
def test_a_forged_token_opens_nothing(trusting, tpp, other_tpp, granted):
    token = granted["access_token"]
    unsigned = "eyJhbGciOiJub25lIn0." + token.split(".")[1] + "."
    for wrong in (
        unsigned,
        forged(token, cnf={}),
        forged(token, exp=9_999_999_999),
        forged(token, key=rsa_key("tpp")),
        forged(token, key=rsa_key("tpp"), header={"kid": "tpp-key"}),
        granted["id_token"],
        granted["refresh_token"],
        "x",
        "a.b.c",
        "x" * 50_000,
    ):
        assert call(tpp, wrong).status_code == 401
    assert call(tpp, token).status_code == 200


@case("TK-07")
@requirement("RFC9068-4")
def test_an_expired_token_opens_nothing(trusting, tpp, granted, at):
    with at(seconds=301):
        assert call(tpp, granted["access_token"]).status_code == 401


@case("TK-22")
@requirement("RFC9068-4", "RFC8707-2")
def test_a_token_for_another_server_opens_nothing(trusting, tpp, openfinance, granted):
    openfinance.resource_servers.create(
        name="Another", identifier="https://another.example.com", scopes=["accounts"]
    )
    token = tpp.token(
        grant_type="client_credentials", scope="accounts", resource="https://another.example.com"
    ).json()["access_token"]

    assert call(tpp, token).status_code == 401
    mine = tpp.token(grant_type="client_credentials", scope="accounts", resource=BANK).json()
    assert call(tpp, mine["access_token"]).status_code == 200


@case("TK-08", "TK-09")
@requirement("RFC7662-2.2")
def test_who_asks_notices_a_stopped_consent_at_once(trusting, tpp, granted):
    consents.revoke(Consent.objects.get(), by="mariam", now=timezone.now())

    expected = 200 if trusting == "verifies" else 401
    assert call(tpp, granted["access_token"]).status_code == expected


@case("DP-10", "DP-12")
@requirement("DPOP-7.1", "DPOP-7.2", "DPOP-4.3")
def test_a_dpop_bound_token_needs_a_fresh_proof(trusting, dpop_tpp, person):
    answer = person.approves(dpop_tpp, dpop_tpp.push().json()["request_uri"])
    token = dpop_tpp.redeem(answer["code"]).json()["access_token"]
    url = f"{BANK}/bank/accounts"
    proof = dpop_tpp.prover.proof("GET", url, access_token=token)

    assert call(dpop_tpp, token, scheme="DPoP", DPoP=proof).status_code == 200
    for again in (
        call(dpop_tpp, token, scheme="DPoP", DPoP=proof),
        call(dpop_tpp, token, scheme="DPoP"),
        call(dpop_tpp, token),
        call(dpop_tpp, token, scheme="DPoP", DPoP=dpop_tpp.prover.proof("GET", url)),
    ):
        assert again.status_code == 401
        assert again["WWW-Authenticate"].startswith("DPoP")
        assert 'algs="PS256 ES256 Ed25519"' in again["WWW-Authenticate"]


@requirement("DPOP-4.3", "RFC3986-6.2.2")
def test_without_the_target_as_it_was_sent_no_proof_counts(trusting, dpop_tpp, person):
    """A server that hands on a decoded path alone cannot say which of two was called."""
    answer = person.approves(dpop_tpp, dpop_tpp.push().json()["request_uri"])
    token = dpop_tpp.redeem(answer["code"]).json()["access_token"]
    url = f"{BANK}/bank/accounts"

    def status(**extra):
        proof = dpop_tpp.prover.proof("GET", url, access_token=token)
        sent = {"Authorization": f"DPoP {token}", "DPoP": proof, "Host": "as.example.com"}
        return dpop_tpp.http.get("/bank/accounts", headers=sent, **extra).status_code

    assert status(RAW_URI="/bank/accounts?page=2") == status(REQUEST_URI="/bank/accounts") == 200
    assert status() == 401
    assert status(HTTP_RAW_URI="/bank/accounts") == 401
    assert status(RAW_URI="/bank%2Faccounts") == 401
    assert status(RAW_URI="/bank/accounts", REQUEST_URI="/bank%2Faccounts") == 401


@requirement("RFC7517-5")
def test_keys_are_asked_for_again_once_a_minute():
    fetched = []
    private = jose.load_private_key(jose.generate("ES256"), "ES256")

    def fetch():
        fetched.append(1)
        return {"keys": [jose.public_jwk(private)]}

    cache = KeyCache(fetch=fetch)
    known = jose.sign({}, purpose=jose.Purpose.ACCESS_TOKEN, key=private)
    stranger = jose.load_private_key(jose.generate("ES256"), "ES256")
    unknown = jose.sign({}, purpose=jose.Purpose.ACCESS_TOKEN, key=stranger)
    now = timezone.now()

    for token in (known, known, unknown, unknown):
        cache.for_token(token, now=now)
    assert len(fetched) == 1
    cache.for_token(unknown, now=now + timedelta(seconds=61))
    assert len(fetched) == 2
    cache.for_token(known, now=now + timedelta(minutes=7))
    assert len(fetched) == 3


class Issuer:
    """Publishes its keys, or hangs, or fails; counts who asks."""

    def __init__(self):
        self.private = jose.load_private_key(jose.generate("ES256"), "ES256")
        self.token = jose.sign({}, purpose=jose.Purpose.ACCESS_TOKEN, key=self.private)
        self.asked = 0
        self.fault = None
        self.hangs = threading.Event()
        self.hangs.set()
        self.reached = threading.Event()

    def fetch(self):
        self.asked += 1
        self.reached.set()
        assert self.hangs.wait(20)
        if self.fault:
            raise self.fault
        return {"keys": [jose.public_jwk(self.private)]}


@case("JW-21", "JW-22")
@requirement("RFC7517-5")
def test_while_the_issuer_hangs_one_thread_asks_and_no_other_waits():
    issuer, now = Issuer(), timezone.now()
    cache = KeyCache(fetch=issuer.fetch)
    assert len(cache.for_token(issuer.token, now=now)) == 1

    issuer.hangs.clear()
    issuer.reached.clear()
    later = now + timedelta(minutes=6)
    asking = threading.Thread(target=cache.for_token, args=(issuer.token,), kwargs={"now": later})
    asking.start()
    assert issuer.reached.wait(10)
    try:
        started = time.monotonic()
        assert all(len(cache.for_token(issuer.token, now=later)) == 1 for _ in range(50))
        with pytest.raises(TemporarilyUnavailable):
            cache.for_token(issuer.token, now=now + timedelta(minutes=21))
        assert time.monotonic() - started < 1
        assert issuer.asked == 2
    finally:
        issuer.hangs.set()
        asking.join()


@case("JW-22", "JW-23")
@requirement("RFC7517-5")
def test_an_issuer_that_fails_is_left_alone_and_its_keys_believed_for_a_while():
    issuer, now = Issuer(), timezone.now()
    cache = KeyCache(fetch=issuer.fetch)

    def keys(**later):
        return len(cache.for_token(issuer.token, now=now + timedelta(**later)))

    issuer.fault = ConnectionError("no route, and a password=secret")
    for _ in range(5):
        with pytest.raises(TemporarilyUnavailable) as refusal:
            keys()
        assert refusal.value.seen == "ConnectionError"
    assert issuer.asked == 1

    issuer.fault = None
    assert keys(seconds=11) == 1
    issuer.fault = ConnectionError()
    assert keys(minutes=6) == keys(minutes=6) == keys(minutes=20) == 1
    assert issuer.asked == 4
    with pytest.raises(TemporarilyUnavailable):
        keys(minutes=20, seconds=12)
    issuer.fault = None
    assert keys(minutes=21) == 1


@case("JW-21")
@requirement("RFC7517-5")
def test_at_the_very_first_the_others_wait_a_moment():
    issuer, now = Issuer(), timezone.now()
    issuer.hangs.clear()
    cache = KeyCache(fetch=issuer.fetch, first_wait=10)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(cache.for_token(issuer.token, now=now)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    assert issuer.reached.wait(10)
    issuer.hangs.set()
    for thread in threads:
        thread.join()

    assert [len(each) for each in found] == [1] * 5
    assert issuer.asked == 1

    issuer.hangs.clear()
    slow = KeyCache(fetch=issuer.fetch, first_wait=0.05)
    asking = threading.Thread(target=slow.for_token, args=(issuer.token,), kwargs={"now": now})
    issuer.reached.clear()
    asking.start()
    assert issuer.reached.wait(10)
    try:
        with pytest.raises(TemporarilyUnavailable):
            slow.for_token(issuer.token, now=now)
    finally:
        issuer.hangs.set()
        asking.join()


@requirement("RFC9728-2", "RFC9728-5.1")
def test_a_resource_describes_itself():
    document = protected_resource_metadata(
        resource=BANK, issuers=[bank_api.ISSUER], scopes=["accounts"], dpop_algorithms=["ES256"]
    )

    assert document["resource"] == BANK
    assert document["authorization_servers"] == [bank_api.ISSUER]
    assert document["bearer_methods_supported"] == ["header"]
    said = challenge(None, metadata_url=f"{BANK}/.well-known/oauth-protected-resource")
    assert said == f'Bearer resource_metadata="{BANK}/.well-known/oauth-protected-resource"'


@requirement("RFC6750-3")
def test_a_challenge_says_what_was_wrong():
    assert challenge(InvalidToken("expired", clause="RFC6750-3.1")).startswith(
        'Bearer error="invalid_token", error_description="expired [RFC6750-3.1]"'
    )
    assert challenge(InsufficientScope("more"), scope="accounts").endswith('scope="accounts"')
