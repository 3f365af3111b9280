"""Every column that could keep a secret is known: sealed, a digest, or none at all."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings

from authserver.storage import encryption
from clients.models import ResourceServer

case = pytest.mark.case
LIKE_A_SECRET = re.compile(
    r"secret|token|password|salt|private|credential|seed|(^|_)key(s|_|$)|handle|code$|nonce$"
)
OURS = ("accounts", "audit", "clients", "consents", "ecosystems", "keys", "replay", "tokens")

ENCRYPTED = {
    "clients.ResourceServer.encrypted_account_source_token": "with the address that it may go to",
    "keys.SigningKey.encrypted_private_key": "never leaves the server",
}
DIGESTS = {
    "accounts.User.password": "argon2",
    "tokens.AccessToken.token": "SHA-256",
    "tokens.AccessToken.token_checksum": "SHA-256",
    "tokens.AuthorizationCode.code": "SHA-256",
    "tokens.RefreshToken.token": "SHA-256",
    "tokens.RefreshToken.token_checksum": "SHA-256",
    "tokens.AuthorizationTransaction.handle": "SHA-256",
}
NO_SECRET = {
    "tokens.DeviceGrant.device_code": "of a model without a table",
    "tokens.DeviceGrant.user_code": "of a model without a table",
    "clients.Client.access_token_format": "a choice",
    "clients.Client.access_token_seconds": "a number",
    "clients.Client.dpop_bound_access_tokens": "a choice",
    "clients.Client.tls_client_certificate_bound_access_tokens": "a choice",
    "clients.Client.token_endpoint_auth_method": "a choice",
    "clients.Client.id_token_signed_response_alg": "a choice",
    "clients.ClientKeySet.keys": "public keys: secret members are taken out",
    "clients.ResourceServer.token_format": "a choice",
    "consents.Consent.request_object_key": "the thumbprint of a public key",
    "tokens.PushedRequest.request_object_key": "the thumbprint of a public key",
    "ecosystems.Ecosystem.access_token_seconds": "a number",
    "ecosystems.Ecosystem.client_credentials_scopes": "names of scopes",
    "ecosystems.Ecosystem.subject_salt": "makes subjects unlike each other; opens nothing",
    "tokens.AccessToken.signing_key": "a kid",
    "tokens.AuthorizationCode.nonce": "the client's, echoed to it",
}


def columns():
    return {
        f"{label}.{model.__name__}.{field.name}"
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.concrete_fields
        if LIKE_A_SECRET.search(field.name) and not field.is_relation
    }


@case("AD-12")
def test_every_column_that_sounds_like_a_secret_is_known():
    known = set(ENCRYPTED) | set(DIGESTS) | set(NO_SECRET)

    assert sorted(columns() - known) == []
    assert sorted(known - columns()) == []


@case("AD-12")
def test_what_is_encrypted_says_so_in_its_name():
    assert all(name.rpartition(".")[2].startswith("encrypted_") for name in ENCRYPTED)
    assert not any("encrypted_" in name for name in (*DIGESTS, *NO_SECRET))


@case("AD-12", "LG-08")
def test_second_factors_go_through_our_encryption():
    assert settings.MFA_ADAPTER == "authserver.accounts.adapters.MFAAdapter"
    assert {each.name for each in Authenticator._meta.concrete_fields} == {
        "id",
        "user",
        "type",
        "data",
        "created_at",
        "last_used_at",
    }


@case("AD-12")
def test_a_secret_is_sealed_for_one_address():
    kept = encryption.sealed("token-of-the-bank", destination="https://bank.example.com")

    assert "token-of-the-bank" not in kept
    assert encryption.unsealed(kept, destination="https://bank.example.com") == "token-of-the-bank"
    for elsewhere in ("https://evil.example.com", "https://bank.example.com/", ""):
        with pytest.raises(encryption.SecretElsewhere):
            encryption.unsealed(kept, destination=elsewhere)
    for broken in ("token-of-the-bank", kept[:-4], encryption.encrypt("no list")):
        with pytest.raises(encryption.SecretElsewhere):
            encryption.unsealed(broken, destination="https://bank.example.com")


@case("AD-12")
def test_a_row_gives_its_token_to_nobody_else():
    row = ResourceServer(account_source_url="https://bank.example.com")
    row.account_source_token = "x"
    assert row.account_source_token == "x"

    row.account_source_url = "https://evil.example.com"

    with pytest.raises(encryption.SecretElsewhere):
        _ = row.account_source_token
