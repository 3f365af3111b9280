"""The checks of an authorization request that profiles are built of.

Each is named as the truth it states; it returns nothing or raises, and never changes anything.
What depends on a profile's value is made by a function of that value.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from authserver.protocol.errors import (
    InvalidAuthorizationDetails,
    InvalidRequest,
    InvalidScope,
    UnauthorizedClient,
    UnsupportedResponseType,
)
from authserver.protocol.profiles.base import Profile, RegisteredClient
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs import authorization_response
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.protocol.specs.readable_text import is_readable

S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # RFC7636-4.2: a SHA-256, base64url, no padding
SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC6749-3.3
LONGEST_ECHO = 2048  # our choice for state and nonce; the conformance suite sends up to 1000
LONGEST_PURPOSE = 300


@requirement("RFC6749-5.2")
def client_may_use_the_code_flow(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    if "authorization_code" not in set(client.grant_types) & set(profile.grant_types):
        raise UnauthorizedClient("the client is not registered for the authorization code grant")


@requirement("FAPI2-SP-FINAL-5.3.2.2-1", "RFC6749-3.1.1")
def response_type_is_code(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    if request.response_type is None:
        raise InvalidRequest("response_type is required", clause="RFC6749-3.1.1")
    if request.response_type != "code":
        raise UnsupportedResponseType("response_type must be code")


@requirement("FAPI2-SP-FINAL-5.3.2.2-6", "RFC9700-2.1", "RFC6749-3.1")
def redirect_uri_is_registered(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    """Compared character by character: any cleverness here is an open redirector."""
    if not request.redirect_uri:
        raise InvalidRequest("redirect_uri is required")
    if request.redirect_uri not in client.registered_redirect_uris:
        raise InvalidRequest("redirect_uri is not registered for this client", clause="RFC9700-2.1")
    if authorization_response.names_of_a_response_in(request.redirect_uri):
        raise InvalidRequest(
            "redirect_uri has a parameter of the response in its query", clause="RFC6749-3.1"
        )


@case("AZ-34")
@requirement("PRODUCT-8")
def purpose_can_be_read(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    """A person decides by it, whether it came for the whole request or for a claim."""
    stated = [request.purpose, *_purposes_in(request.claims)]
    if not all(isinstance(each, str) and is_readable(each) for each in stated if each is not None):
        raise InvalidRequest("purpose must be a text that people can read")


def _purposes_in(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        for name, child in value.items():
            if name == "purpose" and not isinstance(child, Mapping):
                yield child
            else:
                yield from _purposes_in(child)


@requirement("FAPI2-SP-FINAL-5.3.2.2-5", "RFC7636-4.2", "RFC7636-4.4.1")
def pkce_uses_s256(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    if not request.code_challenge:
        raise InvalidRequest("code_challenge is required")
    if request.code_challenge_method != "S256":
        raise InvalidRequest("code_challenge_method must be S256")
    if not S256_CHALLENGE.fullmatch(request.code_challenge):
        raise InvalidRequest("code_challenge must be 43 base64url characters")


@requirement("RFC6749-3.3")
def scope_is_allowed(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    if not all(map(SCOPE_TOKEN.fullmatch, request.scope)):
        raise InvalidScope("scope has a character that is not allowed")
    if not set(request.scope) <= set(client.scopes):
        raise InvalidScope("scope is not allowed for this client")


@requirement("RFC6749-3.1")
def state_and_nonce_can_be_echoed(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    """Echoed exactly or refused, never cut."""
    for name, value in (("state", request.state), ("nonce", request.nonce)):
        if value is not None and len(value) > LONGEST_ECHO:
            raise InvalidRequest(f"{name} is longer than {LONGEST_ECHO} characters")


@requirement("CID-PURPOSE-3")
def purpose_fits_a_page(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    """Any letters of any language, since a person reads it; counted as characters.

    One ecosystem sets the limit; a page is no longer anywhere else.
    """
    if request.purpose is not None and len(request.purpose) > LONGEST_PURPOSE:
        raise InvalidRequest(f"purpose is longer than {LONGEST_PURPOSE} characters")


@requirement("OIDCC-3.1.2.1")
def prompt_is_consistent(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    prompts = (request.prompt or "").split()
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequest("prompt none cannot be combined with another prompt")
    if not set(prompts) <= {"none", "login", "consent", "select_account"}:
        raise InvalidRequest("prompt has an unknown value")


@requirement("RFC6749-3.3", "RAR-5")
def something_is_asked_for(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    if not request.scope and not request.authorization_details:
        raise InvalidScope("scope or authorization_details is required")


@requirement("CBUAE-2.1.5")
def authorization_details_are_sent(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    if profile.authorization_details_required and not request.authorization_details:
        raise InvalidAuthorizationDetails(
            "authorization_details is required",
            clause=profile.clauses["authorization_details_required"],
        )


@requirement("CBUAE-2.4a")
def one_authorization_detail_is_sent(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    if request.authorization_details and len(request.authorization_details) != 1:
        raise InvalidAuthorizationDetails("authorization_details must have exactly one item")


@requirement("RAR-5", "CBUAE-2.1.6")
def detail_types_are_allowed(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    """One type that is not in the client's list refuses the whole request."""
    for detail in request.authorization_details or ():
        if not type_is_listed(detail["type"], client.authorization_details_types):
            raise InvalidAuthorizationDetails(
                "a type of authorization_details is not allowed for this client"
            )


def type_is_listed(detail_type: str, listed: Collection[str]) -> bool:
    """True if the list names the type, or a prefix of it that ends in ``*``."""
    return any(
        detail_type.startswith(each[:-1]) if each.endswith("*") else detail_type == each
        for each in listed
    )


@requirement("JARM-2.3.4", "CBUAE-2.1.7")
def response_mode_is_offered(
    request: AuthorizationRequest, client: RegisteredClient, profile: Profile
) -> None:
    clause = profile.clauses["response_modes"]
    if request.response_mode and request.response_mode not in profile.response_modes:
        raise InvalidRequest("response_mode is not offered here", clause=clause)
    if client.authorization_response_mode == "jwt" and request.response_mode == "query":
        raise InvalidRequest("the client is registered for signed responses", clause=clause)
