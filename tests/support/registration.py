"""A client as every profile may register it, to be made slightly wrong, and what is then broken."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from authserver.protocol import profiles
from authserver.protocol.profiles.registration import problems_with

SECURITY = profiles.named("fapi2-security")


@dataclass
class Ecosystem:
    scopes: Collection[str] = ("openid", "accounts")
    claims: Collection[str] = ()
    authorization_details_types: Collection[str] = ("account_information", "urn:uae:access:v2.1")
    access_token_lifetime: timedelta = timedelta(seconds=300)


@dataclass
class Client:
    """Registered as every profile of these tests allows."""

    client_id: str = "tpp"
    token_endpoint_auth_method: str = "private_key_jwt"
    dpop_bound_access_tokens: bool = False
    tls_client_certificate_bound_access_tokens: bool = True
    require_signed_request_object: bool = False
    authorization_response_mode: str = "query"
    grant_types: Collection[str] = ("authorization_code", "refresh_token")
    scopes: Collection[str] = ("openid",)
    claims: Collection[str] = ()
    authorization_details_types: Collection[str] = ("account_information",)
    client_jwks_uri: str = "https://tpp.example.com/jwks.json"
    client_jwks: Any = None
    registered_redirect_uris: Collection[str] = ("https://tpp.example.com/callback",)
    signing_algorithm: str = ""
    id_token_signed_response_alg: str = ""
    access_token_format: str = ""
    access_token_seconds: int | None = None
    allowed_addresses: Collection[str] = ()
    tls_client_auth_subject_dn: str = ""
    tls_client_auth_san_dns: str = ""
    tls_client_auth_san_uri: str = ""
    tls_client_auth_san_ip: str = ""
    tls_client_auth_san_email: str = ""
    ecosystem: Ecosystem = field(default_factory=Ecosystem)


def broken(profile=SECURITY, **changes) -> list[tuple[str, str]]:
    """The fields and clauses that a registration breaks with these settings changed."""
    found = problems_with(replace(Client(), **changes), profile)
    return [(problem.field, problem.clause) for problem in found]
