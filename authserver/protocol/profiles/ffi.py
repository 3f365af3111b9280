"""FFI: machines of two organisations call each other under their own names.

Client credentials over mutual TLS, with nobody sitting in front of a browser. It stands on OAuth
itself and not on FAPI 2.0, which does not let a token go unbound as this profile does. The scopes
of an API are the ecosystem's own; so is whether an API looks at them.
"""

from dataclasses import replace
from datetime import timedelta

from authserver.protocol.profiles import fapi2_security
from authserver.protocol.profiles.base import OUR_CHOICE

BASE = fapi2_security.PROFILE

PROFILE = replace(
    BASE,
    name="ffi",
    title="FFI: client credentials over mutual TLS",
    base="OAuth 2.0 client credentials (RFC 6749, RFC 8705)",
    url="",
    client_authentication_methods=("private_key_jwt", "tls_client_auth"),
    sender_constraints=("mtls",),
    sender_constraint_required=False,
    mtls_everywhere=True,
    registered_certificate_required=True,
    grant_types=("client_credentials",),
    scope_required=True,
    access_token_lifetime=timedelta(seconds=300),
    max_access_token_lifetime=timedelta(seconds=300),
    access_token_formats=("opaque",),
    clauses={
        **BASE.clauses,
        "client_authentication_methods": "FFI-5",
        "sender_constraints": "FFI-10",
        "sender_constraint_required": "FFI-10",
        "mtls_everywhere": "FFI-6a",
        "registered_certificate_required": "FFI-1",
        "grant_types": "FFI-4",
        "response_modes": OUR_CHOICE,
        "request_object_required": OUR_CHOICE,
        "scope_required": "FFI-7",
        "access_token_lifetime": "FFI-12",
        "max_access_token_lifetime": "FFI-12",
        "access_token_formats": "FFI-13",
    },
)
