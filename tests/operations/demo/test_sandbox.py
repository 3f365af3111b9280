"""sandbox.json: the shape that its README promises, and that all of it fits together."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from joserfc.jwk import RSAKey
from jsonschema import Draft202012Validator

from deploy.demo import sandbox
from deploy.local.private_files import rsa_key

TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "array", "items": TEXT}
URL = {"type": "string", "pattern": r"^https://demo\.test:1844[3-6](/|$)"}
README = Path(sandbox.__file__).with_name("README.md").read_text()


def closed(**properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def list_of(**properties):
    return {"type": "array", "items": closed(**properties), "minItems": 1}


SCHEMA = closed(
    addresses=closed(
        host=TEXT,
        **{name: {"type": "integer"} for name in ("port", "mtls_port", "tpp_port", "bank_port")},
    ),
    issuers=list_of(
        slug=TEXT,
        name=TEXT,
        issuer=URL,
        profile=TEXT,
        scopes=TEXTS,
        client_credentials_scopes=TEXTS,
        claims=TEXTS,
        authorization_details_types=TEXTS,
    ),
    trust_anchors=closed(root=TEXT, issuing=TEXT),
    participants=list_of(
        id=TEXT,
        ecosystem=TEXT,
        trading_name=TEXT,
        legal_name=TEXT,
        registration_number=TEXT,
        country=TEXT,
        contact_email=TEXT,
        roles=TEXTS,
    ),
    clients=list_of(
        client_id=TEXT,
        name=TEXT,
        participant=TEXT,
        ecosystem=TEXT,
        token_endpoint_auth_method={"enum": ["private_key_jwt", "tls_client_auth"]},
        tls_client_auth_subject_dn={"type": "string"},
        signing_algorithm={"const": "PS256"},
        jwks_uri=URL,
        redirect_uris=TEXTS,
        grant_types=TEXTS,
        scopes=TEXTS,
        claims=TEXTS,
        authorization_details_types=TEXTS,
        signing_key=TEXT,
        signing_jwk=TEXT,
        signing_kid=TEXT,
        transport_certificate=TEXT,
        transport_key=TEXT,
    ),
    resource_servers=list_of(
        identifier=URL,
        name=TEXT,
        ecosystem=TEXT,
        participant=TEXT,
        client_id=TEXT,
        scopes=TEXTS,
        token_format={"enum": ["jwt", "opaque"]},
    ),
    people=list_of(
        username=TEXT,
        display_name=TEXT,
        email=TEXT,
        password={"type": "string", "minLength": 12},
        totp_secret={"type": "string", "pattern": "^[A-Z2-7]{32}$"},
        customer_id=TEXT,
        ecosystems=TEXTS,
        accounts=list_of(
            id=TEXT,
            name=TEXT,
            type=TEXT,
            iban=TEXT,
            last4=TEXT,
            currency=TEXT,
            balance=TEXT,
            shareable={"type": "boolean"},
            reason={"type": "string"},
        ),
    ),
    operator=closed(username=TEXT, display_name=TEXT, email=TEXT, password=TEXT, totp_secret=TEXT),
    bank=closed(url=URL, accounts_url=URL, account_source_token=TEXT),
    message_apis=list_of(url=URL, scope=TEXT, scope_enforced={"type": "boolean"}),
    tpp=closed(url=URL),
    thief=closed(transport_certificate=TEXT, transport_key=TEXT),
)


@pytest.fixture(scope="module")
def content(demo):
    return json.loads(demo.sandbox_json.read_text())


def test_the_kit_has_exactly_the_documented_shape(content):
    Draft202012Validator.check_schema(SCHEMA)
    assert not [error.message for error in Draft202012Validator(SCHEMA).iter_errors(content)]


def test_the_readme_explains_every_member(content):
    for part in content.values():
        first = part[0] if isinstance(part, list) else part
        assert all(f"`{name}`" in README or f"`{name}[]`" in README for name in first)


def test_every_key_fits_its_certificate_its_jwk_and_its_kid(content, demo):
    for client in content["clients"]:
        certificate = x509.load_pem_x509_certificate(
            (demo.kit / client["transport_certificate"]).read_bytes()
        )
        key = rsa_key((demo.kit / client["transport_key"]).read_bytes())
        assert certificate.public_key() == key.public_key()
        [common_name] = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        assert common_name.value == client["client_id"]

        signing = RSAKey.import_key(rsa_key((demo.kit / client["signing_key"]).read_bytes()))
        jwk = json.loads((demo.kit / client["signing_jwk"]).read_text())
        assert RSAKey.import_key(jwk).thumbprint() == signing.thumbprint() == jwk["kid"]
        assert client["signing_kid"] == jwk["kid"]


def test_who_is_named_exists(content):
    ecosystems = {one["slug"]: one for one in content["issuers"]}
    participants = {one["id"]: one for one in content["participants"]}
    clients = {one["client_id"]: one for one in content["clients"]}
    assert len(clients) == len(content["clients"])
    for one in [*content["clients"], *content["resource_servers"]]:
        assert participants[one["participant"]]["ecosystem"] == one["ecosystem"]
    for client in clients.values():
        offered = ecosystems[client["ecosystem"]]["authorization_details_types"]
        assert set(client["authorization_details_types"]) <= set(offered)
    for server in content["resource_servers"]:
        assert clients[server["client_id"]]["token_endpoint_auth_method"] == "private_key_jwt"
    for client in clients.values():
        assert set(client["scopes"]) <= set(ecosystems[client["ecosystem"]]["scopes"])
        assert set(client["claims"]) <= set(ecosystems[client["ecosystem"]]["claims"])
    for person in content["people"]:
        assert set(person["ecosystems"]) == {"openfinance", "uae"}


def test_clients_that_authenticate_by_certificate_are_registered_with_their_subject(content, demo):
    found = [
        one for one in content["clients"] if one["token_endpoint_auth_method"] == "tls_client_auth"
    ]
    assert [one["ecosystem"] for one in found] == ["openfinance", "ffi"]
    for client in found:
        certificate = x509.load_pem_x509_certificate(
            (demo.kit / client["transport_certificate"]).read_bytes()
        )
        assert client["tls_client_auth_subject_dn"] == certificate.subject.rfc4514_string()


@pytest.mark.requirement("FFI-5", "FFI-6a", "FFI-8", "FFI-9")
def test_among_machines_there_is_each_kind_of_client_and_the_switch_in_both_positions(content):
    machines = [
        one for one in content["clients"] if one["ecosystem"] == "ffi" and one["grant_types"]
    ]
    methods = {one["token_endpoint_auth_method"] for one in machines}
    assert methods == {"tls_client_auth", "private_key_jwt"}
    for one in machines:
        assert one["grant_types"] == ["client_credentials"]
        assert one["redirect_uris"] == []
        assert one["scopes"] == ["ffi-core", "ffi-contract", "ffi-notification"]
    assert {one["scope_enforced"] for one in content["message_apis"]} == {True, False}
    assert [one["scope"] for one in content["message_apis"]] == machines[0]["scopes"]


def test_somebody_has_an_account_that_cannot_be_shared_and_the_reason_is_said(content):
    accounts = [account for person in content["people"] for account in person["accounts"]]
    assert {account["shareable"] for account in accounts} == {True, False}
    assert all(account["shareable"] != bool(account["reason"]) for account in accounts)


def test_more_redirect_uris_can_be_registered(own_demo):
    more = ["https://rp.example/callback"]
    made = sandbox.make(replace(own_demo, extra_redirect_uris=more))
    for client in made["clients"]:
        has_people = "authorization_code" in client["grant_types"]
        assert client["redirect_uris"][1:] == (more if has_people else [])


def test_two_demos_share_no_secret(content, own_demo):
    own_demo.secrets_json.unlink()
    other = sandbox.make(own_demo)
    assert other["bank"]["account_source_token"] != content["bank"]["account_source_token"]
    for mine, theirs in zip(other["people"], content["people"], strict=True):
        assert mine["password"] != theirs["password"]
        assert mine["totp_secret"] != theirs["totp_secret"]
