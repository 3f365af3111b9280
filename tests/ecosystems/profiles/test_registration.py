"""What a client may be registered with: the valid registration, with one thing changed."""

import pytest

from authserver.protocol import profiles
from authserver.protocol.profiles.registered import Problem
from tests.support.registration import SECURITY, Ecosystem, broken

case = pytest.mark.case
requirement = pytest.mark.requirement
SIGNING = profiles.named("fapi2-message-signing")
UAE = profiles.named("cbuae")


@requirement("CBUAE-4.2a")
@pytest.mark.parametrize("profile", [SECURITY, SIGNING, UAE], ids=lambda each: each.name)
def test_the_valid_registration_has_no_problem(profile):
    assert broken(profile) == []


def test_a_problem_says_what_is_wrong_and_names_its_clause():
    assert str(Problem("scopes", "RFC6749-3.3", "Not on offer.")) == "Not on offer. [RFC6749-3.3]"


@requirement("FFI-18", "FAPI2-SP-FINAL-5.3.2.1-6")
@pytest.mark.parametrize("method", ["none", "client_secret_basic", "client_secret_post", ""])
@pytest.mark.parametrize("name", profiles.OFFERED)
def test_addresses_are_never_the_only_thing_that_is_asked_of_a_client(name, method):
    """No profile has a method that proves nothing, wherever the client calls from."""
    profile = profiles.named(name)

    found = broken(profile, token_endpoint_auth_method=method, allowed_addresses=["192.0.2.0/24"])

    assert found[0] == (
        "token_endpoint_auth_method",
        profile.clauses["client_authentication_methods"],
    )


@requirement("FFI-17")
@pytest.mark.parametrize("address", ["192.0.2.7", "192.0.2.0/24", "2001:db8::/48", "2001:db8::1"])
def test_a_client_may_be_held_to_addresses_and_networks(address):
    assert broken(allowed_addresses=[address]) == []


@requirement("FFI-17")
@pytest.mark.parametrize(
    "address", ["192.0.2.7/24", "192.0.2", "tpp.example.com", "", "0.0.0.0/33"]
)
def test_what_is_no_network_is_refused(address):
    assert broken(allowed_addresses=["192.0.2.7", address]) == [("allowed_addresses", "FFI-17")]


@requirement("RFC9700-2.1", "RFC6749-3.1.2")
@pytest.mark.parametrize(
    "uri",
    [
        "http://tpp.example.com/callback",
        "HTTPS://tpp.example.com/callback",
        "https:///callback",
        "https://tpp.example.com/callback#part",
        "https://user@tpp.example.com/callback",
        "https://tpp.example.com\\@evil.example.com/",
        "https://*.example.com/callback",
        "https://tpp.example.com:0/callback",
        "https://tpp.example.com:port/callback",
        "https://tpp.éxample.com/callback",
        "https://[::1/callback",
        "javascript:alert(1)",
        "/callback",
    ],
)
def test_a_redirect_uri_is_an_exact_https_address(uri):
    good = "https://tpp.example.com:8443/callback?from=us"

    assert broken(registered_redirect_uris=[good]) == []
    assert broken(registered_redirect_uris=[good, uri]) == [("redirect_uris", "RFC9700-2.1")]


@requirement("RFC6749-3.1.2")
def test_the_code_grant_needs_a_redirect_uri_and_others_do_not():
    assert broken(registered_redirect_uris=[]) == [("redirect_uris", "RFC6749-3.1.2")]
    assert broken(registered_redirect_uris=[], grant_types=["client_credentials"]) == []


@case("MT-18")
@requirement("MTLS-2.1.2")
@pytest.mark.parametrize(
    ("field_name", "good", "bad"),
    [
        ("tls_client_auth_subject_dn", "CN=tpp,O=TPP Ltd,C=AE", "tpp"),
        ("tls_client_auth_san_dns", "tpp.example.com", "*.example.com"),
        ("tls_client_auth_san_ip", "192.0.2.7", "192.0.2.007"),
        ("tls_client_auth_san_email", "tls@tpp.example.com", "tpp.example.com"),
    ],
)
def test_the_registered_name_is_one_that_a_certificate_can_have(field_name, good, bad):
    by_certificate = {"token_endpoint_auth_method": "tls_client_auth"}

    assert broken(**by_certificate, **{field_name: good}) == []
    assert broken(**by_certificate, **{field_name: bad}) == [(field_name, "MTLS-2.1.2")]
    assert broken(**{field_name: good}) == [(field_name, "MTLS-2.1.2")]


@case("MT-18")
def test_each_name_beyond_the_first_is_refused():
    found = broken(
        token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_subject_dn="CN=tpp",
        tls_client_auth_san_dns="tpp.example.com",
        tls_client_auth_san_uri="urn:tpp",
    )

    assert found == [
        ("tls_client_auth_san_dns", "MTLS-2.1.2"),
        ("tls_client_auth_san_uri", "MTLS-2.1.2"),
    ]


@requirement("CBUAE-4.2b", "RFC7591-2")
@pytest.mark.parametrize(
    ("profile", "changes", "needed"),
    [
        (SECURITY, {}, False),
        (SECURITY, {"require_signed_request_object": True}, True),
        (SIGNING, {}, True),
        (SIGNING, {"grant_types": ["client_credentials"]}, False),
    ],
)
def test_who_signs_requests_publishes_keys(profile, changes, needed):
    by_certificate = {
        "token_endpoint_auth_method": "tls_client_auth",
        "tls_client_auth_subject_dn": "CN=tpp",
        "client_jwks_uri": "",
    }

    found = broken(profile, **by_certificate, **changes)

    assert found == ([("client_jwks_uri", profile.clauses["key_sources"])] if needed else [])


@requirement("CBUAE-4.2b")
def test_keys_are_fetched_over_https():
    found = broken(UAE, client_jwks_uri="http://tpp.example.com/jwks.json")

    assert found == [("client_jwks_uri", "CBUAE-4.2b")]


@requirement("CBUAE-4.2b")
def test_keys_by_value_are_refused_even_beside_a_uri():
    assert broken(UAE, client_jwks=None) == []
    assert broken(UAE, client_jwks={"keys": [{}]}) == [("client_jwks", "CBUAE-4.2b")]


@requirement("RFC6749-3.3")
def test_a_client_gets_no_scope_that_its_ecosystem_has_not():
    assert broken(scopes=["openid", "accounts"]) == []
    assert broken(scopes=["openid", "payments"]) == [("scopes", "RFC6749-3.3")]


@requirement("RAR-5")
@pytest.mark.parametrize(
    ("wanted", "is_fine"),
    [
        ("account_information", True),
        ("urn:uae:access:v2.1", True),
        ("urn:uae:*", True),
        ("urn:uae:access:v2.1*", True),
        ("urn:uae:access:v1.0", False),
        ("urn:other:*", False),
        ("*", False),
        ("account_information_2", False),
    ],
)
def test_a_client_gets_no_type_that_its_ecosystem_has_not(wanted, is_fine):
    found = broken(authorization_details_types=[wanted])

    assert found == ([] if is_fine else [("authorization_details_types", "RAR-5")])


@requirement("RAR-5")
def test_an_ecosystem_may_offer_a_whole_family_of_types():
    family = Ecosystem(authorization_details_types=["urn:uae:*"])

    assert broken(ecosystem=family, authorization_details_types=["urn:uae:access:v3"]) == []
