"""The certified openid-client, in its FAPI 2.0 way, against the server as it is deployed.

It judges what we answer: metadata, signatures, issuer, audience, state, nonce, the subject of
userinfo, token types, nonces for DPoP. Here stands what it cannot know.
"""

from dataclasses import replace

import pytest

from authserver.protocol.specs import mtls
from deploy.demo.tpp import consent_requests
from deploy.local import signing
from tests.operations.interop.clients import Refused, Registration, connected, rival, thief

SCOPE = "openid accounts"


def pushed(kit, client, registration):
    """Push a signed request for accounts; return the URL to send the person to."""
    like = kit.clients[registration.like]
    return client.ask(
        "push",
        redirect_uri=like.redirect_uri,
        scope=SCOPE,
        authorization_details=consent_requests.authorization_details(
            like.ecosystem, now=consent_requests.present()
        ),
    )["url"]


def obtained(kit, client, registration, person):
    """The token response of a whole flow, as openid-client accepted it."""
    url = person.approves(pushed(kit, client, registration))
    return client.ask("redeem", url=url)


@pytest.fixture(scope="module")
def granted(kit, client, registration, people):
    """The tokens of one flow, for tests that leave them as they are."""
    return obtained(kit, client, registration, people[registration.person])


@pytest.fixture(scope="module")
def bank(kit, registration):
    """openid-client as the resource server of the same ecosystem, which introspects."""
    name = f"bank-{kit.clients[registration.like].ecosystem}"
    with connected(kit, Registration(client_id=name, like=name, person="")) as made:
        yield made


def userinfo_url(client):
    return client.server["mtls_endpoint_aliases"]["userinfo_endpoint"]


def thumbprint(kit, client_id):
    return mtls.parse_pem(kit.clients[client_id].transport_certificate.read_text()).thumbprint


def accounts_in(details):
    return [account["id"] for detail in details for account in detail["accounts"]]


def test_the_code_flow_gives_what_the_person_chose(registration, granted, person):
    assert granted["token_type"] == ("dpop" if registration.dpop else "bearer")
    assert set(granted["scope"].split()) == set(SCOPE.split())
    assert accounts_in(granted["authorization_details"]) == [person.account]
    assert granted["id_token_claims"]["aud"] == registration.client_id
    assert granted["refresh_token"]


def test_the_answer_is_signed_where_the_client_asks_for_it(kit, client, registration, person):
    back = person.approves(pushed(kit, client, registration))

    assert ("response=" in back) is registration.jarm
    assert ("code=" in back) is not registration.jarm
    assert client.ask("redeem", url=back)["access_token"]


def test_a_refusal_reaches_the_client(kit, client, registration, person):
    back = person.refuses(pushed(kit, client, registration))

    with pytest.raises(Refused) as refused:
        client.ask("redeem", url=back)
    assert refused.value.kind == "AuthorizationResponseError"
    assert refused.value.error == "access_denied"


def test_userinfo_names_the_person_of_the_id_token(client, granted):
    subject = granted["id_token_claims"]["sub"]
    facts = {"access_token": granted["access_token"], "subject": subject}

    assert client.ask("userinfo", **facts)["sub"] == subject


def test_the_bank_opens_the_chosen_account(kit, client, granted, person):
    answer = client.ask("call", url=kit.bank["accounts_url"], access_token=granted["access_token"])

    assert answer["status"] == 200
    assert [each["AccountId"] for each in answer["body"]["Data"]["Account"]] == [person.account]


def test_a_refresh_gives_another_token_bound_to_the_same_client(client, bank, granted):
    renewed = client.ask("refresh", refresh_token=granted["refresh_token"])

    assert renewed["access_token"] != granted["access_token"]
    assert renewed["authorization_details"] == granted["authorization_details"]
    before, after = (
        bank.ask("introspect", token=answer["access_token"]) for answer in (granted, renewed)
    )
    assert after["active"] is True
    assert after["cnf"] == before["cnf"]
    assert after["sub"] == before["sub"]


def test_a_signed_introspection_says_what_the_token_is_bound_to(
    kit, bank, registration, granted, person
):
    said = bank.ask("introspect", token=granted["access_token"])

    assert said["active"] is True
    assert said["client_id"] == registration.client_id
    assert said["cnf"] == signing.unverified_claims(granted["access_token"])["cnf"]
    assert accounts_in(said["authorization_details"]) == [person.account]
    if registration.dpop:
        assert said["cnf"].keys() == {"jkt"}
    else:
        assert said["cnf"] == {"x5t#S256": thumbprint(kit, registration.like)}


def test_a_client_gets_a_token_for_itself(client, bank, registration):
    answer = client.ask("client_credentials", scope="accounts")

    said = bank.ask("introspect", token=answer["access_token"])
    assert said["active"] is True
    assert said["client_id"] == registration.client_id
    assert said["cnf"].keys() == {"jkt" if registration.dpop else "x5t#S256"}
    assert "refresh_token" not in answer


def test_a_demand_for_a_nonce_is_met(kit, registration):
    with connected(kit, registration) as client:
        client.ask("heard")
        client.ask("client_credentials", scope="accounts")
        exchanges = client.ask("heard")["exchanges"]

    assert {each["url"].rpartition("/")[2] for each in exchanges} == {"token"}
    statuses = [each["status"] for each in exchanges]
    assert statuses == ([400, 200] if registration.dpop else [200])


@pytest.mark.parametrize("stranger", ["with a certificate", "without one", "by the other scheme"])
def test_a_stolen_token_opens_nothing(kit, client, registration, granted, stranger):
    """Its owner makes the same calls in tests above."""
    identity = {} if stranger == "without one" else thief(kit)
    dpop = registration.dpop is not (stranger == "by the other scheme")
    with connected(kit, replace(registration, dpop=dpop), identity=identity) as stolen:
        for url in (userinfo_url(client), kit.bank["accounts_url"]):
            with pytest.raises(Refused) as refused:
                stolen.ask("call", url=url, access_token=granted["access_token"])
            assert refused.value.kind == "WWWAuthenticateChallengeError"
            assert refused.value.status == 401
            assert refused.value.error == "invalid_token"


def test_a_stolen_refresh_token_is_good_for_its_owner_alone(kit, client, registration, granted):
    name = rival(registration)
    with connected(kit, Registration(client_id=name, like=name, person="")) as other:
        with pytest.raises(Refused) as refused:
            other.ask("refresh", refresh_token=granted["refresh_token"])
        assert refused.value.error == "invalid_grant"
    assert client.ask("refresh", refresh_token=granted["refresh_token"])["access_token"]


def test_a_revoked_grant_is_dead_at_once(kit, client, bank, registration, person):
    tokens = obtained(kit, client, registration, person)
    assert bank.ask("introspect", token=tokens["access_token"])["active"] is True

    client.ask("revoke", token=tokens["refresh_token"])

    assert bank.ask("introspect", token=tokens["access_token"])["active"] is False
    with pytest.raises(Refused) as refused:
        client.ask("refresh", refresh_token=tokens["refresh_token"])
    assert refused.value.error == "invalid_grant"
