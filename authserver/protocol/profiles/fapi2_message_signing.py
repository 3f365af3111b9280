"""FAPI 2.0 Message Signing: the Security Profile with signed requests and signed answers."""

from dataclasses import replace

from authserver.protocol.profiles import fapi2_security

PROFILE = replace(
    fapi2_security.PROFILE,
    name="fapi2-message-signing",
    title="FAPI 2.0 Message Signing",
    base="fapi2-security",
    url="https://openid.net/specs/fapi-message-signing-2_0-final.html",
    request_object_required=True,
    clauses={
        **fapi2_security.PROFILE.clauses,
        "request_object_required": "FAPI2-MS-ID1-5.3.2-1",
    },
)
