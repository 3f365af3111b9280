"""Open Banking in Saudi Arabia: message signing, one algorithm, mutual TLS at every endpoint.

The publisher does not number its rules; they are numbered here.

KSA-1  PS256 signs everything
KSA-2  access tokens are bound to the client certificate
KSA-3  every endpoint for machines is called with a client certificate
KSA-4  the pushed request is signed, and its answer is plain
KSA-5  the authorization URL carries client_id and request_uri, and nothing else
"""

from dataclasses import replace

from authserver.protocol.profiles import fapi2_message_signing

BASE = fapi2_message_signing.PROFILE

PROFILE = replace(
    BASE,
    name="ksa",
    title="Open Banking Saudi Arabia",
    base="fapi2-message-signing",
    url="https://ksaob.atlassian.net/",
    signing_algorithms=("PS256",),
    sender_constraints=("mtls",),
    mtls_everywhere=True,
    response_modes=("query",),
    parameters_outside="refused",
    time_zone="Asia/Riyadh",
    clauses={
        **BASE.clauses,
        "signing_algorithms": "KSA-1",
        "sender_constraints": "KSA-2",
        "sender_constraint_required": "KSA-2",
        "mtls_everywhere": "KSA-3",
        "request_object_required": "KSA-4",
        "response_modes": "KSA-4",
        "parameters_outside": "KSA-5",
    },
)
