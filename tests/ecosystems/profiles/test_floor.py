"""The profile is the floor: an ecosystem and its clients may only be stricter (CBUAE-4.2a)."""

import dataclasses

import pytest
from django.core.exceptions import ValidationError

from authserver.protocol import profiles
from tests.support import world
from tests.support.assertions import nothing_stored, refused
from tests.support.tpp import VALID_REQUEST

case = pytest.mark.case
requirement = pytest.mark.requirement
LIMITS = {
    "access_token_seconds": "max_access_token_lifetime",
    "request_uri_seconds": "max_request_uri_lifetime",
    "authorization_code_seconds": "authorization_code_lifetime",
    "transaction_seconds": "transaction_lifetime",
}
ALGORITHMS = ("PS256", "ES256", "Ed25519")
METHODS = ("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth")
GRANTS = ("authorization_code", "refresh_token", "client_credentials")


@pytest.fixture(params=profiles.OFFERED)
def ecosystem(request, db):
    return world.ecosystem("somewhere", profile=request.param)


@pytest.fixture
def registered(ecosystem, make_tpp):
    """A client that fits the profile, whichever it is."""
    rules = ecosystem.rules
    made = make_tpp("fits", ecosystem, grant_types=list(rules.grant_types)).client
    made.full_clean()
    return made


def problems(row):
    with pytest.raises(ValidationError) as refusal:
        row.full_clean()
    return refusal.value.message_dict


@requirement("CBUAE-4.2a", "CBUAE-2.1.2", "FAPI2-SP-FINAL-5.3.2.2-12", "FAPI2-SP-FINAL-5.3.2.1-11")
@pytest.mark.parametrize(("setting", "rule"), LIMITS.items())
def test_an_ecosystem_may_only_shorten_what_the_profile_sets(ecosystem, setting, rule):
    longest = int(getattr(ecosystem.rules, rule).total_seconds())
    setattr(ecosystem, setting, longest)
    ecosystem.full_clean()

    setattr(ecosystem, setting, longest + 1)

    assert problems(ecosystem) == {
        setting: [f"At most {longest} [{ecosystem.rules.clauses[rule]}]."]
    }


@requirement("CBUAE-2.1.2")
def test_the_limits_are_those_of_the_specifications(uae):
    uae.access_token_seconds = 601
    assert problems(uae) == {"access_token_seconds": ["At most 600 [CBUAE-2.1.2]."]}

    uae.access_token_seconds, uae.request_uri_seconds = 600, 600
    assert problems(uae) == {"request_uri_seconds": ["At most 599 [FAPI2-SP-FINAL-5.3.2.2-12]."]}


@requirement("CBUAE-4.2a", "CBUAE-2.1.2")
def test_a_limit_that_got_past_the_form_still_does_not_exceed_the_profile(ecosystem):
    """Written to the row by another way, or left over from another profile."""
    for setting in LIMITS:
        setattr(ecosystem, setting, 10**6)

    assert ecosystem.access_token_lifetime == ecosystem.rules.max_access_token_lifetime
    assert ecosystem.request_uri_lifetime == ecosystem.rules.max_request_uri_lifetime
    assert ecosystem.authorization_code_lifetime == ecosystem.rules.authorization_code_lifetime
    assert ecosystem.transaction_lifetime == ecosystem.rules.transaction_lifetime


@requirement("CBUAE-4.2a", "CBUAE-2.3a", "FAPI2-SP-FINAL-5.4.1-1")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_ecosystem_signs_with_an_algorithm_of_the_profile(ecosystem, algorithm):
    ecosystem.signing_algorithm = algorithm

    if algorithm in ecosystem.rules.signing_algorithms:
        ecosystem.full_clean()
    else:
        assert set(problems(ecosystem)) == {"signing_algorithm"}


@requirement("CBUAE-4.2a", "CBUAE-2.1.3", "CBUAE-2.3a", "FAPI2-SP-FINAL-5.3.2.1-6")
@pytest.mark.parametrize(
    ("setting", "value", "rule", "changes"),
    [
        *(
            pytest.param(
                "token_endpoint_auth_method",
                method,
                "client_authentication_methods",
                {"tls_client_auth_subject_dn": "CN=fits" if method == "tls_client_auth" else ""},
                id=method,
            )
            for method in METHODS
        ),
        *(
            pytest.param(field, algorithm, "signing_algorithms", {}, id=f"{field} {algorithm}")
            for field in ("signing_algorithm", "id_token_signed_response_alg")
            for algorithm in ALGORITHMS
        ),
        *(
            pytest.param("authorization_response_mode", mode, "response_modes", {}, id=mode)
            for mode in ("query", "jwt")
        ),
        *(
            pytest.param("access_token_format", each, "access_token_formats", {}, id=each)
            for each in ("jwt", "opaque")
        ),
    ],
)
def test_a_client_may_only_choose_from_what_the_profile_offers(
    registered, setting, value, rule, changes
):
    rules = registered.ecosystem.rules
    for name, each in {setting: value, **changes}.items():
        setattr(registered, name, each)

    if value in getattr(rules, rule):
        registered.full_clean()
    else:
        assert f"[{rules.clauses[rule]}]" in problems(registered)[setting][0]


@requirement("CBUAE-4.2a", "CBUAE-2.1.1", "FAPI2-SP-FINAL-5.3.2.1-5")
@pytest.mark.parametrize(("dpop", "binding"), [(False, "mtls"), (True, "dpop")])
def test_a_client_is_bound_by_what_the_profile_offers(registered, dpop, binding):
    registered.dpop_bound_access_tokens = dpop

    if binding in registered.ecosystem.rules.sender_constraints:
        registered.full_clean()
    else:
        assert set(problems(registered)) == {"dpop_bound_access_tokens"}


@requirement("FAPI2-SP-FINAL-5.3.2.1-4", "CBUAE-2.1.1", "FFI-10")
def test_a_client_goes_unbound_only_where_the_profile_lets_it(registered):
    registered.tls_client_certificate_bound_access_tokens = False

    if registered.ecosystem.rules.sender_constraint_required:
        assert set(problems(registered)) == {"tls_client_certificate_bound_access_tokens"}
    else:
        registered.full_clean()


@requirement("FAPI2-SP-FINAL-5.3.2.1-1", "FFI-4", "CBUAE-4.2a")
@pytest.mark.parametrize("grant", [*GRANTS, "password", "implicit"])
def test_a_client_is_registered_for_grants_of_the_profile(registered, grant):
    registered.grant_types = [*registered.grant_types, grant]

    if grant in registered.ecosystem.rules.grant_types:
        registered.full_clean()
    else:
        assert set(problems(registered)) == {"grant_types"}


@requirement("FAPI2-SP-FINAL-5.3.2.1-1")
def test_the_metadata_and_the_token_endpoint_agree_on_the_grants(ecosystem, make_tpp):
    tpp = make_tpp("anybody", ecosystem, grant_types=[*GRANTS, "password"])
    tpp.headers = {"x-fapi-interaction-id": "2a8a0a1e-4b7b-4f0c-9d8a-6f5c0e3d2b1a"}
    url = f"/{ecosystem.slug}/.well-known/openid-configuration"
    offered = tpp.http.get(url).json()["grant_types_supported"]

    assert offered == list(ecosystem.rules.grant_types)
    for grant in {*GRANTS, "password"} - set(offered):
        with nothing_stored():
            refused(tpp.token(grant_type=grant), "unsupported_grant_type")


@requirement("RFC6749-1.5")
def test_a_refresh_token_needs_the_grant_that_gives_one(openfinance, make_tpp):
    client = make_tpp("fits", openfinance, grant_types=["authorization_code"]).client
    client.grant_types = ["authorization_code", "refresh_token"]
    client.full_clean()
    client.grant_types = ["refresh_token"]

    assert "RFC6749-1.5" in problems(client)["grant_types"][0]


@requirement("CBUAE-4.2b", "RFC7591-2")
def test_keys_come_by_reference_only_where_the_profile_says_so(registered):
    by_value = {"keys": [world.rsa_key("fits").as_dict(private=False)]}
    registered.client_jwks, registered.client_jwks_uri = by_value, ""

    if "jwks" in registered.ecosystem.rules.key_sources:
        registered.full_clean()
    else:
        assert "CBUAE-4.2b" in problems(registered)["client_jwks"][0]
    registered.client_jwks = None
    assert "private_key_jwt needs" in problems(registered)["client_jwks_uri"][0]
    registered.client_jwks_uri = "https://tpp.example.com/jwks.json"
    registered.full_clean()


@requirement("RFC7591-2")
def test_keys_come_from_one_source(openfinance, make_tpp):
    client = make_tpp("fits", openfinance).client
    client.full_clean()
    client.client_jwks_uri = "https://tpp.example.com/jwks.json"

    assert "[RFC7591-2]" in problems(client)["client_jwks"][0]


@case("MT-18")
@pytest.mark.parametrize(
    ("names", "field"),
    [
        ({}, "tls_client_auth_subject_dn"),
        (
            {"tls_client_auth_subject_dn": "CN=fits", "tls_client_auth_san_dns": "fits.example"},
            "tls_client_auth_san_dns",
        ),
    ],
    ids=["none", "two"],
)
def test_a_certificate_is_known_by_exactly_one_name(openfinance, make_tpp, names, field):
    client = make_tpp("fits", openfinance).client
    client.token_endpoint_auth_method = "tls_client_auth"
    client.tls_client_auth_subject_dn = "CN=fits"
    client.full_clean()
    client.tls_client_auth_subject_dn = ""
    for name, value in names.items():
        setattr(client, name, value)

    assert field in problems(client)


@requirement("CBUAE-2.1.2", "FFI-12")
def test_a_clients_tokens_live_no_longer_than_the_ecosystems(registered):
    longest = int(registered.ecosystem.access_token_lifetime.total_seconds())
    registered.access_token_seconds = longest
    registered.full_clean()

    for seconds in (0, longest + 1):
        registered.access_token_seconds = seconds
        assert set(problems(registered)) == {"access_token_seconds"}


@requirement("CBUAE-4.2a")
def test_a_profile_cannot_be_changed_while_it_runs(ecosystem):
    with pytest.raises(dataclasses.FrozenInstanceError):
        ecosystem.rules.clock_skew = None


@requirement("CBUAE-2.1.1", "CBUAE-2.3a")
def test_a_client_left_over_from_another_profile_is_held_to_the_new_one(
    openfinance, bank, make_tpp
):
    """Switched in the row itself: the form refuses a switch that breaks a client."""
    tpp = make_tpp("left-over", openfinance, signing_algorithm="ES256")
    tpp.client.dpop_bound_access_tokens = True
    tpp.client.save()
    openfinance.profile = "ksa"
    openfinance.save()
    tpp.client.refresh_from_db()

    response = tpp.token(grant_type="client_credentials", scope="accounts")

    assert response.json()["token_type"] == "Bearer"
    with nothing_stored():
        refused(tpp.post("/par", VALID_REQUEST | tpp.authentication()), "invalid_request")
