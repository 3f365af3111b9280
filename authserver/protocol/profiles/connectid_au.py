"""ConnectID (Australia): identity claims for a stated purpose, under pairwise names.

https://cdn.connectid.com.au/specifications/digitalid-fapi-profile-01.html
"""

from dataclasses import replace
from datetime import timedelta

from authserver.protocol.errors import InvalidScope
from authserver.protocol.profiles import fapi2_message_signing
from authserver.protocol.profiles.base import Profile, RegisteredClient
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest

BASE = fapi2_message_signing.PROFILE


@requirement("CID-SP-4")
def scope_is_openid_alone(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    """What is told about a person is asked for claim by claim, never by a scope."""
    if request.scope != ("openid",):
        raise InvalidScope("scope must be openid and nothing else")


PROFILE = replace(
    BASE,
    name="connectid-au",
    title="ConnectID Australia",
    base="fapi2-message-signing",
    url="https://cdn.connectid.com.au/specifications/digitalid-fapi-profile-01.html",
    signing_algorithms=("PS256",),
    request_object_lifetime=timedelta(minutes=10),
    request_object_age=timedelta(minutes=15),
    interaction_id_required=True,
    subject_types=("pairwise",),
    time_zone="Australia/Sydney",
    clauses={
        **BASE.clauses,
        "signing_algorithms": "CID-SP-4",
        "request_object_lifetime": "CID-SP-4.2-10",
        "request_object_age": "CID-SP-4.2-11",
        "interaction_id_required": "CID-SP-4",
        "subject_types": "CID-SP-4",
    },
    authorization_checks=(
        *BASE.authorization_checks,
        scope_is_openid_alone,
    ),
)
