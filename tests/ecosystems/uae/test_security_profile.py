"""Open Finance UAE: the security profile, one way of everything, over HTTP."""

import time

import pytest
from django.utils import timezone
from joserfc.jwk import ECKey

from authserver.tokens.models import AccessToken, PushedRequest
from clients.models import ClientKeySet
from consents.models import Consent
from tests.support import details, world
from tests.support.assertions import is_served, not_identified, nothing_stored, refused
from tests.support.bank import Bank
from tests.support.person import Person
from tests.support.tpp import VALID_REQUEST

requirement = pytest.mark.requirement
MINUTE = 60


@pytest.fixture
def resident(uae, client, monkeypatch):
    """Somebody of the ecosystem, signed in, whose bank answers."""
    monkeypatch.setattr("consents.account_source.fetch_json", Bank().fetch_json)
    made = Person(world.person("fatima", uae), client)
    made.sign_in()
    return made


def push(tpp, *, consent=None, **changes):
    """The valid request of this ecosystem, with a new consent of its type."""
    detail = consent or details.account_access(now=timezone.now())
    return tpp.push_signed(**{"authorization_details": [detail]} | changes)


@requirement("CBUAE-2.1.0", "CBUAE-3", "CBUAE-2.1.1", "CBUAE-2.1.5", "CBUAE-2.2.2", "CBUAE-2.4b")
def test_a_person_shares_accounts_and_the_client_gets_a_bound_token(uae_tpp, resident):
    pushed = push(uae_tpp)
    assert pushed.status_code == 201, pushed.content

    answer = resident.approves(uae_tpp, pushed.json()["request_uri"])
    response = uae_tpp.redeem(answer["code"])

    assert response.status_code == 200, response.content
    tokens = response.json()
    assert tokens["token_type"] == "Bearer"
    assert tokens["authorization_details"][0]["type"].startswith("urn:openfinanceuae:")
    thumbprint = uae_tpp.client.certificates.get().thumbprint
    assert AccessToken.objects.get().cnf == {"x5t#S256": thumbprint}
    assert uae_tpp.userinfo(tokens["access_token"]).status_code == 200
    other = uae_tpp.with_certificate(None)
    assert other.userinfo(tokens["access_token"]).status_code == 401


@requirement("CBUAE-2.1.5")
def test_a_request_without_authorization_details_is_refused(uae_tpp):
    assert push(uae_tpp).status_code == 201

    with nothing_stored():
        response = uae_tpp.push_signed()
        refused(response, "invalid_authorization_details", about="required [CBUAE-2.1.5]")


@requirement("CBUAE-2.4a")
def test_one_authorization_detail_is_sent(uae_tpp):
    two = [details.account_access_v1(), details.account_access_v1()]

    assert uae_tpp.push_signed(authorization_details=two[:1]).status_code == 201
    with nothing_stored():
        response = uae_tpp.push_signed(authorization_details=two)
        refused(response, "invalid_authorization_details", about="CBUAE-2.4a")


@requirement("CBUAE-2.1.6")
@pytest.mark.parametrize(
    ("listed", "allowed"),
    [
        (["urn:openfinanceuae:account-access-consent:v1.0"], True),
        (["urn:openfinanceuae:account-access-consent:*"], True),
        (["urn:openfinanceuae:*"], True),
        (["urn:openfinanceuae:account-access-consent:v2.1"], False),
        (["urn:openfinanceuae:service-initiation-consent:*"], False),
        (["urn:openfinanceuae:account-access-consent"], False),
        (["*:v1.0"], False),
        ([], False),
    ],
    ids=str,
)
def test_the_type_is_in_the_clients_list(uae_tpp, listed, allowed):
    uae_tpp.client.authorization_details_types = listed
    uae_tpp.client.save()

    response = push(uae_tpp, consent=details.account_access_v1())

    if allowed:
        assert response.status_code == 201
    else:
        refused(response, "invalid_authorization_details", about="not allowed for this client")
        assert not PushedRequest.objects.exists()
        assert not Consent.objects.exists()


@requirement("CBUAE-2.1.7")
@pytest.mark.parametrize("mode", ["jwt", "query.jwt", "form_post", "fragment"])
def test_the_answer_comes_in_the_query(uae_tpp, mode):
    assert push(uae_tpp, response_mode="query").status_code == 201

    with nothing_stored():
        refused(push(uae_tpp, response_mode=mode), "invalid_request", about="[CBUAE-2.1.7]")


@requirement("CBUAE-2.1.9", "CBUAE-2.2.3", "CBUAE-2.2.4")
def test_an_unsigned_request_is_refused(uae_tpp, uae):
    """By the profile alone: what the client is registered for cannot weaken it."""
    uae_tpp.client.require_signed_request_object = False
    uae_tpp.client.save()
    assert push(uae_tpp).status_code == 201

    with nothing_stored():
        refused(uae_tpp.push(), "invalid_request", about="signed request object")


@requirement("CBUAE-2.1.10", "CBUAE-2.2.5")
@pytest.mark.parametrize(
    ("aud", "accepted"),
    [
        ("https://as.example.com/uae", True),
        (["https://as.example.com/uae"], True),
        (["https://as.example.com/uae", "https://other.example.com"], True),
        ("https://as.example.com/openfinance", False),
        (["https://other.example.com"], False),
        (None, False),
    ],
    ids=str,
)
def test_the_request_object_names_this_issuer(uae_tpp, aud, accepted):
    response = push(uae_tpp, aud=aud)

    if accepted:
        assert response.status_code == 201
    else:
        refused(response, "invalid_request_object")


@requirement("CBUAE-2.1.10b")
@pytest.mark.parametrize(
    "aud",
    [
        ["https://as.example.com/uae"],
        "https://as.example.com/uae/token",
        "https://mtls.as.example.com/uae/par",
        ["https://as.example.com/uae", "https://as.example.com/uae/token"],
    ],
    ids=str,
)
def test_an_assertion_names_the_issuer_as_one_string(uae_tpp, aud):
    form = {"request": uae_tpp.request_object(authorization_details=[details.account_access_v1()])}
    assert uae_tpp.post("/par", form | uae_tpp.authentication()).status_code == 201

    with nothing_stored():
        not_identified(uae_tpp.post("/par", form | uae_tpp.authentication(aud=aud)))


@requirement("CBUAE-2.1.11", "CBUAE-2.2.6", "CBUAE-2.2.7")
@pytest.mark.parametrize(
    ("nbf", "exp", "refusal"),
    [
        (0, 10 * MINUTE, ""),
        (0, 10 * MINUTE + 1, "[CBUAE-2.1.11]"),
        (-9 * MINUTE, MINUTE, ""),
        (-10 * MINUTE - 2, -2, "[CBUAE-2.1.11]"),
        (-11 * MINUTE, 5 * MINUTE, "[CBUAE-2.1.11]"),
        (None, 5 * MINUTE, "nbf is required"),
        (0, None, "exp is required"),
    ],
    ids=str,
)
def test_a_request_object_lives_for_ten_minutes(uae_tpp, nbf, exp, refusal):
    now = int(time.time())
    times = {"nbf": None if nbf is None else now + nbf, "exp": None if exp is None else now + exp}

    response = push(uae_tpp, **times)

    if not refusal:
        assert response.status_code == 201
    else:
        refused(response, "invalid_request_object", about=refusal)
        assert not PushedRequest.objects.exists()


@requirement("CBUAE-2.1.12", "PAR-2.1-3")
def test_what_stands_beside_the_request_object_has_no_effect(uae_tpp):
    outside = {
        "scope": "openid payments",
        "state": "outside",
        "redirect_uri": "https://evil.example",
    }

    assert push(uae_tpp, outside=outside).status_code == 201

    kept = PushedRequest.objects.get().parameters
    assert kept["scope"] == ["openid", "accounts"]
    assert kept["state"] == VALID_REQUEST["state"]
    assert kept["redirect_uri"] == VALID_REQUEST["redirect_uri"]


@requirement("CBUAE-2.1.12")
def test_what_stands_beside_request_uri_has_no_effect(uae_tpp, resident):
    request_uri = push(uae_tpp).json()["request_uri"]

    page = resident.opens(
        uae_tpp, request_uri, scope="openid payments", response_type="code", state="outside"
    )

    assert page.status_code == 200
    assert b"Make a payment" not in page.content


@requirement("CBUAE-2.3a", "CBUAE-2.1.3", "CBUAE-2.2.1")
def test_ps256_signs_everything(uae_tpp, uae):
    curve = ECKey.generate_key("P-256", {"kid": "curve", "alg": "ES256", "use": "sig"})
    published = ClientKeySet.objects.get(client=uae_tpp.client)
    published.keys["keys"].append(curve.as_dict(private=False))
    published.save()
    es256 = {"header": {"alg": "ES256"}, "key": curve}
    assert push(uae_tpp).status_code == 201
    grant = {"grant_type": "client_credentials", "scope": "accounts"}
    assert uae_tpp.token(**grant).status_code == 200

    with nothing_stored():
        refused(push(uae_tpp, **es256), "invalid_request_object")
        not_identified(uae_tpp.token(**grant, assertion=es256))


@requirement("CBUAE-2.1.3")
def test_a_certificate_alone_identifies_nobody(uae_tpp):
    """Not even for a client that was registered for it under another profile."""
    grant = {"grant_type": "client_credentials", "scope": "accounts"}
    assert uae_tpp.token(**grant).status_code == 200
    uae_tpp.client.token_endpoint_auth_method = "tls_client_auth"
    uae_tpp.client.tls_client_auth_subject_dn = "CN=uae-tpp,O=Test,C=AE"
    uae_tpp.client.save()

    with nothing_stored():
        not_identified(uae_tpp.token(**grant))


@requirement("CBUAE-2.3b", "CBUAE-2.1.1")
@pytest.mark.parametrize("path", ["/par", "/token", "/introspect", "/revoke"])
def test_every_endpoint_wants_the_certificate(uae_tpp, path):
    form = {"grant_type": "client_credentials", "scope": "accounts", "token": "nobody's"}
    if path == "/par":
        form = {
            "request": uae_tpp.request_object(authorization_details=[details.account_access_v1()])
        }
    assert is_served(uae_tpp.post(path, form | uae_tpp.authentication()))

    with nothing_stored():
        bare = uae_tpp.with_certificate(None)
        not_identified(bare.post(path, form | uae_tpp.authentication()))


@requirement("CBUAE-2.1.2")
def test_a_token_lives_for_ten_minutes_at_most(uae_tpp, uae):
    uae.access_token_seconds = 600
    uae.full_clean()
    uae.save()
    uae_tpp.client.access_token_seconds = 3600
    uae_tpp.client.save()

    response = uae_tpp.token(grant_type="client_credentials", scope="accounts")

    assert response.json()["expires_in"] == 600


@requirement("CBUAE-2.1.13", "CBUAE-2.2.8")
@pytest.mark.parametrize("path", ["/par", "/token", "/introspect", "/revoke", "/userinfo"])
def test_every_answer_is_named_by_the_callers_id(uae_tpp, path):
    sent = "c770aef3-6784-41f7-8e0e-ff5f97bddb3a"

    response = uae_tpp.post(path, {"a": "b"}, **{"x-fapi-interaction-id": sent})

    assert response.status_code == 401
    assert response["x-fapi-interaction-id"] == sent


@requirement("CBUAE-2.1.13")
@pytest.mark.parametrize("sent", ["not-a-uuid", "c770aef3678441f78e0eff5f97bddb3a", "x" * 5000])
def test_an_id_that_is_no_uuid_is_replaced_and_both_are_logged(uae_tpp, caplog, sent):
    response = uae_tpp.post("/par", {"a": "b"}, **{"x-fapi-interaction-id": sent})

    made = response["x-fapi-interaction-id"]
    assert made != sent
    line = traced(caplog)
    assert line["interaction_id"] == made
    assert line["interaction_id_sent"] == sent[:200]


@requirement("CBUAE-4.2d")
def test_what_a_client_tells_of_the_persons_side_is_logged(uae_tpp, caplog):
    headers = {
        "x-fapi-auth-date": "Tue, 11 Sep 2026 19:43:31 GMT",
        "x-fapi-customer-ip-address": "192.0.2.7",
        "x-customer-user-agent": 'Mozilla/5.0"\n' + "x" * 5000,
    }

    response = uae_tpp.token(grant_type="client_credentials", scope="accounts")
    assert response.status_code == 200
    assert not [record for record in caplog.records if "request.traced" in str(record.msg)]

    caplog.set_level("INFO")
    uae_tpp.headers = headers
    uae_tpp.token(grant_type="client_credentials", scope="accounts")

    line = traced(caplog)
    assert line["status"] == 200
    assert line["client_id"] == "uae-tpp"
    assert line["fapi_auth_date"] == headers["x-fapi-auth-date"]
    assert line["fapi_customer_ip_address"] == "192.0.2.7"
    assert len(line["customer_user_agent"]) == 200


def traced(caplog):
    """The one line of the log on what came in the headers of a call."""
    [line] = [
        record.msg
        for record in caplog.records
        if isinstance(record.msg, dict) and record.msg["event"] == "request.traced"
    ]
    return line
