"""Server metadata and keys (RFC 8414, OpenID Connect Discovery, protocol checks of FAPI 2.0)."""

import pytest

case = pytest.mark.case
requirement = pytest.mark.requirement
OPENID = "/openfinance/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server/openfinance"


@requirement("OIDCD-3", "RFC8414-3", "FAPI2-SP-FINAL-5.3.2.2-7", "FAPI2-SP-FINAL-5.3.2.2-1")
def test_both_addresses_give_one_document(openfinance, client):
    one, two = client.get(OPENID), client.get(OAUTH)

    assert one.json() == two.json()
    assert one["Content-Type"] == "application/json"
    assert one.json()["issuer"] == openfinance.issuer
    assert one.json()["response_types_supported"] == ["code"]
    assert one.json()["code_challenge_methods_supported"] == ["S256"]
    assert one.json()["authorization_response_iss_parameter_supported"] is True
    assert one.json()["require_pushed_authorization_requests"] is True
    assert one.json()["tls_client_certificate_bound_access_tokens"] is True


@requirement("MTLS-5", "PAR-5", "OAuth2-iss-3")
def test_every_endpoint_for_machines_has_an_mtls_alias(openfinance, client):
    document = client.get(OPENID).json()

    for name, url in document["mtls_endpoint_aliases"].items():
        assert name.endswith("_endpoint")
        assert url.startswith("https://mtls.as.example.com/openfinance/")
        assert document[name].startswith("https://as.example.com/openfinance/")
    assert "authorization_endpoint" not in document["mtls_endpoint_aliases"]


@requirement("CBUAE-2.1.8", "CBUAE-2.3a", "CBUAE-2.1.3", "CBUAE-2.1.7")
def test_the_uae_document_offers_one_way_of_everything(uae, client):
    document = client.get("/uae/.well-known/openid-configuration").json()

    assert document["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert document["request_object_signing_alg_values_supported"] == ["PS256"]
    assert document["id_token_signing_alg_values_supported"] == ["PS256"]
    assert document["response_modes_supported"] == ["query"]
    assert document["require_signed_request_object"] is True
    assert "dpop_signing_alg_values_supported" not in document
    assert (
        "urn:openfinanceuae:account-access-consent:v2.1"
        in (document["authorization_details_types_supported"])
    )


@case("DS-03")
@requirement("RFC8414-2")
def test_nothing_in_it_comes_from_the_request(openfinance, client):
    plain = client.get(OPENID).json()
    dressed = client.get(
        OPENID,
        headers={
            "X-Forwarded-Host": "evil.example.com",
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Port": "1",
            "Forwarded": "host=evil.example.com",
        },
    )

    assert dressed.json() == plain
    assert client.get(OPENID, headers={"Host": "evil.example.com"}).status_code == 400


@case("DS-04")
@requirement("OIDCD-3", "RFC7517-5")
def test_the_keys_are_public_strong_and_named(openfinance, client):
    keys = client.get("/openfinance/jwks").json()["keys"]

    assert {key["alg"] for key in keys} == {"PS256", "ES256", "Ed25519"}
    assert len({key["kid"] for key in keys}) == 3
    for key in keys:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key)
        assert key["use"] == "sig"


@case("DS-06")
def test_documents_may_be_cached_and_read_from_anywhere(openfinance, client):
    for url in (OPENID, OAUTH, "/openfinance/jwks"):
        response = client.get(url, headers={"Origin": "https://elsewhere.example.com"})
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "max-age" in response["Cache-Control"]
        assert "Access-Control-Allow-Credentials" not in response


@case("DS-05", "DS-09")
@pytest.mark.parametrize(
    "path",
    [
        "/unknown/.well-known/openid-configuration",
        "/openfinance/.well-known/openid-configuration/",
        "/OPENFINANCE/.well-known/openid-configuration",
        "//.well-known/openid-configuration",
        "/openfinance//.well-known/openid-configuration",
        "/openfinance/jwks~",
        "/openfinance/jwks.json.bak",
        "/.git/config",
        "/static/../settings/__init__.py",
        "/media/",
        "/__debug__/",
    ],
)
def test_other_paths_are_nobodys(openfinance, client, path):
    assert client.get(path).status_code == 404


def test_an_ecosystem_switched_off_is_nobodys(openfinance, client):
    openfinance.is_active = False
    openfinance.save(update_fields=["is_active"])

    for url in (OPENID, OAUTH, "/openfinance/jwks", "/openfinance/authorize"):
        assert client.get(url).status_code == 404
