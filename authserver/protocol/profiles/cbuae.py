"""Open Finance UAE (CBUAE) security profile: one way of everything."""

from dataclasses import replace
from datetime import timedelta

from authserver.protocol.profiles import checks, fapi2_message_signing
from authserver.protocol.profiles.base import OUR_CHOICE

BASE = fapi2_message_signing.PROFILE

PROFILE = replace(
    BASE,
    name="cbuae",
    title="Open Finance UAE security profile",
    base="fapi2-message-signing",
    url="https://openfinanceuae.atlassian.net/",
    signing_algorithms=("PS256",),
    client_authentication_methods=("private_key_jwt",),
    sender_constraints=("mtls",),
    mtls_everywhere=True,
    registered_certificate_required=True,
    key_sources=("jwks_uri",),
    response_modes=("query",),
    request_object_lifetime=timedelta(minutes=10),
    request_object_age=timedelta(minutes=10),
    authorization_details_required=True,
    time_zone="Asia/Dubai",
    clauses={
        **BASE.clauses,
        "signing_algorithms": "CBUAE-2.3a",
        "client_authentication_methods": "CBUAE-2.1.3",
        "sender_constraints": "CBUAE-2.1.1",
        "sender_constraint_required": "CBUAE-2.1.1",
        "mtls_everywhere": "CBUAE-2.3b",
        "registered_certificate_required": OUR_CHOICE,
        "key_sources": "CBUAE-4.2b",
        "jwks_max_age": "CBUAE-2.1.4",
        "response_modes": "CBUAE-2.1.7",
        "request_object_required": "CBUAE-2.1.9",
        "request_object_lifetime": "CBUAE-2.1.11",
        "request_object_age": "CBUAE-2.1.11",
        "authorization_details_required": "CBUAE-2.1.5",
        "parameters_outside": "CBUAE-2.1.12",
        "max_access_token_lifetime": "CBUAE-2.1.2",
    },
    authorization_checks=(
        *BASE.authorization_checks,
        checks.one_authorization_detail_is_sent,
    ),
)
