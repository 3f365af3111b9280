"""FFI: machines read where the token endpoint is, and find nothing that is for people."""

import pytest

requirement = pytest.mark.requirement


@requirement("FFI-22", "FFI-4", "RFC8414-2")
def test_the_metadata_offers_what_the_profile_does(ffi, client):
    document = client.get("/.well-known/oauth-authorization-server/ffi").json()

    assert document["grant_types_supported"] == ["client_credentials"]
    assert document["token_endpoint_auth_methods_supported"] == [
        "private_key_jwt",
        "tls_client_auth",
    ]
    assert document["response_types_supported"] == []
    assert document["scopes_supported"] == ["contract", "core", "notification"]
    assert document["token_endpoint"] == "https://as.example.com/ffi/token"
    assert (
        document["mtls_endpoint_aliases"]["token_endpoint"]
        == "https://mtls.as.example.com/ffi/token"
    )
    for name in ("authorization_endpoint", "pushed_authorization_request_endpoint"):
        assert name not in document
        assert name not in document["mtls_endpoint_aliases"]


@requirement("FFI-22")
def test_elsewhere_there_is_a_way_for_people(openfinance, client):
    document = client.get("/.well-known/oauth-authorization-server/openfinance").json()

    assert document["authorization_endpoint"] == "https://as.example.com/openfinance/authorize"
    assert "pushed_authorization_request_endpoint" in document["mtls_endpoint_aliases"]
