"""The bank's API: a good token in the right hands opens the chosen accounts, nothing else does."""

import hashlib
import json
import time
import uuid
from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local import signing
from deploy.local.https_server import Request
from tests.operations.demo.fake_network import der

requirement = pytest.mark.requirement
API = "/open-banking/v1.1/accounts"
UAE = "urn:openfinanceuae:account-access-consent:v2.1"


@pytest.fixture
def own(kit):
    return der(kit.clients["lantern-openfinance"].transport_certificate)


@pytest.fixture
def issuer(kit):
    return kit.issuers["openfinance"]["issuer"]


@pytest.fixture
def ask(kit, network):
    def ask(path, token="", certificate=None, method="GET", scheme="Bearer", **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["authorization"] = f"{scheme} {token}"
        return network.bank.answer(
            Request(
                method=method,
                path=path,
                query={"access_token": token},
                form={},
                headers=sent,
                cookies={},
                certificate=certificate,
            ),
        )

    return ask


def detail(*, actions=("list_accounts", "read_balances"), accounts=("1042-017731",)):
    return {
        "type": "account_information",
        "actions": list(actions),
        "accounts": [{"id": one} for one in accounts],
    }


def listed(response):
    return [one["AccountId"] for one in json.loads(response.body)["Data"]["Account"]]


def test_a_good_token_opens_the_chosen_accounts_and_no_other(ask, network, issuer, own):
    token = network.access_token(issuer, own, [detail()])
    response = ask(API, token, own)
    assert response.status == 200
    assert listed(response) == ["1042-017731"]
    assert ask(f"{API}/1042-017731", token, own).status == 200
    assert ask(f"{API}/1042-017758", token, own).status == 404
    balance = json.loads(ask(f"{API}/1042-017731/balances", token, own).body)
    assert balance["Data"]["Balance"][0]["Amount"] == {"Amount": "8214.60", "Currency": "AED"}


def test_a_uae_consent_opens_what_its_permissions_say(ask, network, kit, own):
    consent = {"Permissions": ["ReadAccountsBasic"]}
    accounts = [{"id": "2210-034467"}]
    token = network.access_token(
        kit.issuers["uae"]["issuer"], own, [{"type": UAE, "consent": consent, "accounts": accounts}]
    )
    assert listed(ask(API, token, own)) == ["2210-034467"]
    assert ask(f"{API}/2210-034467/balances", token, own).status == 403


def test_balances_need_their_own_permission(ask, network, issuer, own):
    token = network.access_token(issuer, own, [detail(actions=["list_accounts"])])
    assert ask(API, token, own).status == 200
    assert ask(f"{API}/1042-017731/balances", token, own).status == 403


def test_an_account_that_cannot_be_shared_stays_closed_whatever_the_token_says(
    ask, network, issuer, own
):
    token = network.access_token(issuer, own, [detail(accounts=["1042-019910", "1042-017731"])])
    assert listed(ask(API, token, own)) == ["1042-017731"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"iss": "https://elsewhere.test"}, 401),
        ({"aud": "https://another-api.test"}, 401),
        ({"aud": None}, 401),
        ({"exp": int(time.time()) - 1}, 401),
        ({"exp": None}, 401),
        ({"cnf": None}, 401),
        ({"cnf": {"x5t#S256": ""}}, 401),
        ({"typ": "JWT"}, 401),
        ({"scope": "openid"}, 403),
    ],
)
def test_one_wrong_claim_closes_the_door(ask, network, issuer, own, change, status):
    assert ask(API, network.access_token(issuer, own, [detail()]), own).status == 200
    assert ask(API, network.access_token(issuer, own, [detail()], **change), own).status == status


def test_a_stolen_token_is_worth_nothing(ask, network, issuer, own, kit):
    token = network.access_token(issuer, own, [detail()])
    assert ask(API, token, own).status == 200
    assert ask(API, token, None).status == 401
    assert ask(API, token, der(kit.thief_certificate)).status == 401
    other = der(kit.clients["tidewater-openfinance"].transport_certificate)
    refused = ask(API, token, other)
    assert refused.status == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


def test_an_opaque_token_is_judged_by_what_its_issuer_says(ask, network, kit, own):
    token = "opaque" * 8
    issuer = kit.issuers["uae"]["issuer"]
    details = [{**detail(), "type": "account_information"}]
    network.issued[token] = network.issued[network.access_token(issuer, own, details)]
    assert ask(API, token, own).status == 200
    assert ask(API, token, der(kit.thief_certificate)).status == 401
    network.ended = True
    assert ask(API, token, own).status == 401


def test_a_token_bound_to_a_dpop_key_needs_a_new_proof_each_time(ask, network, issuer, kit):
    key = ECKey.generate_key("P-256")
    token = network.access_token(issuer, None, [detail()], cnf={"jkt": key.thumbprint()})

    def proof(**changes):
        claims = {
            "jti": str(uuid.uuid4()),
            "htm": "GET",
            "htu": kit.bank["url"] + API,
            "iat": int(time.time()),
            "ath": signing.b64(hashlib.sha256(token.encode()).digest()),
            **changes,
        }
        public = key.as_dict(private=False)
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": public}
        return jwt.encode(header, claims, key, algorithms=["ES256"])

    once = proof()
    assert ask(API, token, scheme="DPoP", dpop=once).status == 200
    assert ask(API, token, scheme="DPoP", dpop=once).status == 401
    assert ask(API, token, scheme="DPoP", dpop=proof(htm="POST")).status == 401
    refused = ask(API, token, scheme="DPoP")
    assert refused.status == 401
    assert refused.headers["WWW-Authenticate"].startswith("DPoP ")


def test_a_token_signed_by_a_stranger_is_refused_before_anybody_is_asked(
    ask, network, issuer, own, kit
):
    token = network.access_token(
        issuer, own, [detail()], key=kit.clients["lantern-uae"].signing_key
    )
    assert ask(API, token, own).status == 401
    assert not [path for path, _ in network.asked if path.endswith("/introspect")]


def test_a_token_that_ended_a_moment_ago_is_refused(ask, network, issuer, own):
    token = network.access_token(issuer, own, [detail()])
    assert ask(API, token, own).status == 200
    network.ended = True
    assert ask(API, token, own).status == 401


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "e30.e30.e30"])
def test_what_is_not_a_token_is_refused(ask, own, token):
    assert ask(API, token, own).status == 401


def test_a_token_under_another_scheme_or_in_the_query_is_refused(ask, network, issuer, own):
    token = network.access_token(issuer, own, [detail()])
    assert ask(API, token, own, scheme="bearer").status == 200
    assert ask(API, token, own, scheme="DPoP").status == 401
    assert ask(API, token, own, scheme="").status == 401


def test_a_silent_issuer_is_a_503_and_opens_nothing(ask, network, issuer, own):
    token = network.access_token(issuer, own, [detail()])
    network.silent = True
    assert ask(API, token, own).status == 503


def test_the_interaction_id_comes_back_if_it_is_one(ask):
    sent = str(uuid.uuid4())
    name = "x-fapi-interaction-id"
    assert ask(API, x_fapi_interaction_id=sent).headers[name] == sent
    assert uuid.UUID(ask(API, x_fapi_interaction_id="x\r\ny").headers[name])


@pytest.fixture
def message_token(network, kit, own):
    """Make an opaque token of the machines' issuer, in the hands of ``own``."""

    def made(scope="ffi-core", **changes):
        token = f"opaque-{len(network.issued)}"
        claims = {
            "scope": scope,
            "client_id": "registry-ffi",
            "aud": kit.bank["url"] + "/messages",
            **changes,
        }
        signed = network.access_token(kit.issuers["ffi"]["issuer"], own, [], **claims)
        network.issued[token] = network.issued.pop(signed)
        return token

    return made


@requirement("FFI-9", "FFI-14")
@pytest.mark.parametrize(
    ("name", "scope", "status"),
    [
        ("core", "ffi-core", 200),
        ("core", "ffi-contract", 403),
        ("contract", "ffi-contract", 200),
        ("contract", "ffi-core", 403),
        ("contract", "ffi-core ffi-contract", 200),
        ("notification", "ffi-notification", 200),
        ("notification", "ffi-core", 200),
    ],
)
def test_each_message_api_looks_at_the_scope_or_not(ask, message_token, own, name, scope, status):
    answer = ask(f"/messages/{name}", message_token(scope), own)

    assert answer.status == status
    if status == 200:
        assert json.loads(answer.body)["caller"] == "registry-ffi"
    else:
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


@requirement("FFI-9")
@pytest.mark.parametrize("is_enforced", [True, False])
def test_the_switch_of_an_api_stands_in_the_kit(ask, network, message_token, own, is_enforced):
    apis = dict(network.bank.message_apis)
    apis["/messages/core"] = replace(apis["/messages/core"], scope_enforced=is_enforced)
    network.bank = replace(network.bank, message_apis=apis)

    answer = ask("/messages/core", message_token("ffi-contract"), own)

    assert answer.status == (403 if is_enforced else 200)


@requirement("FFI-10")
def test_a_stolen_token_is_refused_where_no_scope_is_looked_at(ask, message_token, own, kit):
    token = message_token()
    assert ask("/messages/notification", token, own).status == 200
    pensions = der(kit.clients["pensions-ffi"].transport_certificate)
    for stolen in (None, der(kit.thief_certificate), pensions):
        assert ask("/messages/notification", token, stolen).status == 401


@requirement("FFI-21")
def test_an_api_takes_tokens_of_its_own_issuer_alone(ask, network, message_token, own, issuer, kit):
    """Also where no scope is looked at, and also one that names the right audience."""
    assert ask("/messages/notification", message_token(), own).status == 200
    asked = [path for path, _ in network.asked if path.endswith("/introspect")]
    assert asked == ["/ffi/introspect"]
    for changes in ({"iss": issuer}, {"aud": kit.bank["url"]}):
        assert ask("/messages/notification", message_token(**changes), own).status == 401
    messages = kit.bank["url"] + "/messages"
    theirs = network.access_token(issuer, own, [detail()], aud=messages, scope="ffi-core")
    assert ask("/messages/notification", theirs, own).status == 401
    ours = message_token("openid accounts", authorization_details=[detail()])
    assert ask(API, ours, own).status == 401
    assert ask(API, network.access_token(issuer, own, [detail()]), own).status == 200


def test_only_the_authorization_server_learns_who_has_which_accounts(ask, kit):
    path = "/people/C-1042/accounts"
    token = kit.bank["account_source_token"]
    answer = json.loads(ask(path, token).body)
    assert [one["id"] for one in answer] == ["1042-017731", "1042-017758", "1042-019910"]
    assert [one["shareable"] for one in answer] == [True, True, False]
    assert answer[2]["reason"]
    assert ask(path).status == 401
    assert ask(path, token + "x").status == 401
    assert ask("/people/C-1/accounts", token).status == 404


def test_the_bank_publishes_its_own_keys_and_nobody_elses(ask, kit):
    [key] = json.loads(ask("/bank-uae/jwks.json").body)["keys"]
    assert key["kid"] == kit.clients["bank-uae"].kid
    assert "d" not in key
    assert ask("/lantern-uae/jwks.json").status == 404


def test_nothing_can_be_written(ask):
    assert ask(API, method="POST").status == 405
