"""Server metadata (RFC 8414 and OpenID Connect Discovery), from the ecosystem's row and profile.

GET /<ecosystem>/.well-known/openid-configuration
GET /.well-known/oauth-authorization-server/<ecosystem>
"""

from typing import Any

from django.conf import settings

from authserver.accounts.acr import ACR_ONE_FACTOR, ACR_TWO_FACTORS
from authserver.ecosystems.models import Ecosystem
from authserver.endpoints.documents import as_json, published
from authserver.interaction.rules import ecosystem_demands_two_factors
from authserver.keys.signing import encryption_algorithms
from authserver.protocol.jose import CONTENT_ENCRYPTION
from authserver.protocol.profiles.base import Profile
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.claims import SUPPORTED, covered_by

SELF_SIGNED = "self_signed_tls_client_auth"
MACHINE_ENDPOINTS = {
    "token_endpoint": "/token",
    "introspection_endpoint": "/introspect",
    "revocation_endpoint": "/revoke",
}
ENDPOINTS_OF_THE_CODE_FLOW = {
    "pushed_authorization_request_endpoint": "/par",
    "userinfo_endpoint": "/userinfo",
}


@published("application/json")
@requirement("OIDCD-3", "OAuth2-iss-3", "PAR-5", "CBUAE-2.1.8", "FFI-22")
def server_metadata(ecosystem: Ecosystem) -> bytes:
    """The same document under both addresses; nothing in it comes from the request."""
    return as_json(document(ecosystem))


def document(ecosystem: Ecosystem) -> dict[str, Any]:
    """The metadata of an ecosystem: what its profile offers, and where."""
    rules = ecosystem.rules
    algorithms = list(rules.signing_algorithms)
    with_people = "authorization_code" in rules.grant_types
    endpoints = MACHINE_ENDPOINTS | (ENDPOINTS_OF_THE_CODE_FLOW if with_people else {})
    metadata: dict[str, Any] = {
        "issuer": ecosystem.issuer,
        "jwks_uri": ecosystem.endpoint("/jwks"),
        **{name: ecosystem.endpoint(path) for name, path in endpoints.items()},
        "mtls_endpoint_aliases": {
            name: ecosystem.machine_base + path for name, path in endpoints.items()
        },
        "response_types_supported": [],
        "grant_types_supported": list(rules.grant_types),
        "token_endpoint_auth_methods_supported": _client_authentication_methods(rules),
        "introspection_signing_alg_values_supported": algorithms,
        "scopes_supported": sorted(ecosystem.scopes),
        "authorization_details_types_supported": list(ecosystem.authorization_details_types),
        "tls_client_certificate_bound_access_tokens": "mtls" in rules.sender_constraints,
        **(_of_the_code_flow(ecosystem) if with_people else {}),
    }
    if "private_key_jwt" in rules.client_authentication_methods:
        for endpoint in ("token", "introspection", "revocation"):
            metadata[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] = algorithms
    if "dpop" in rules.sender_constraints:
        metadata["dpop_signing_alg_values_supported"] = algorithms
    if encryption := encryption_algorithms(ecosystem):
        metadata["request_object_encryption_alg_values_supported"] = encryption
        metadata["request_object_encryption_enc_values_supported"] = list(CONTENT_ENCRYPTION)
    if ecosystem.privacy_url:
        metadata["op_policy_uri"] = ecosystem.privacy_url
    if ecosystem.terms_url:
        metadata["op_tos_uri"] = ecosystem.terms_url
    return metadata


def _claims_on_offer(ecosystem: Ecosystem) -> list[str]:
    offered = {*ecosystem.claims, *covered_by(ecosystem.scopes)}
    return [name for name in SUPPORTED if name in offered]


@requirement("MTLS-2.2.2")
def _client_authentication_methods(rules: Profile) -> list[str]:
    """What the profile allows and the front can do.

    Python's TLS takes certificates of known CAs alone: where no proxy stands in front, a
    self-signed one never arrives.
    """
    return [
        method
        for method in rules.client_authentication_methods
        if settings.TRUSTED_PROXY or method != SELF_SIGNED
    ]


def _of_the_code_flow(ecosystem: Ecosystem) -> dict[str, Any]:
    """What concerns people, who sign in and approve; machines among themselves have none of it."""
    rules = ecosystem.rules
    algorithms = list(rules.signing_algorithms)
    metadata: dict[str, Any] = {
        "authorization_endpoint": ecosystem.endpoint("/authorize"),
        "response_types_supported": ["code"],
        "response_modes_supported": list(rules.response_modes),
        "code_challenge_methods_supported": ["S256"],
        "require_pushed_authorization_requests": True,
        "require_signed_request_object": rules.request_object_required,
        "request_object_signing_alg_values_supported": algorithms,
        "request_uri_parameter_supported": False,
        "request_parameter_supported": True,
        "authorization_response_iss_parameter_supported": True,
        "id_token_signing_alg_values_supported": algorithms,
        "subject_types_supported": [ecosystem.subject_type],
        "scopes_supported": ["openid", *sorted(set(ecosystem.scopes) - {"openid"})],
        "claims_parameter_supported": True,
        "claims_supported": ["sub", "acr", "auth_time", *_claims_on_offer(ecosystem)],
        "acr_values_supported": [ACR_TWO_FACTORS]
        if ecosystem_demands_two_factors(ecosystem)
        else [ACR_ONE_FACTOR, ACR_TWO_FACTORS],
        "ui_locales_supported": list(ecosystem.languages) or ["en"],
    }
    if "jwt" in rules.response_modes:
        metadata["authorization_signing_alg_values_supported"] = algorithms
    return metadata
