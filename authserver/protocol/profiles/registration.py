"""What an ecosystem's profile lets a client be registered with.

The admin, the API and ``full_clean`` ask here, so a setting that would break the profile is
refused where it is made, with the clause that it breaks.
"""

import ipaddress
from collections.abc import Callable, Collection, Iterable, Iterator

from authserver.protocol.profiles.base import OUR_CHOICE, Profile
from authserver.protocol.profiles.checks import type_is_listed
from authserver.protocol.profiles.names import (
    one_certificate_name_is_registered,
    redirect_uris_are_exact,
)
from authserver.protocol.profiles.registered import Problem, Registration
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.claims import covered_by


def problems_with(client: Registration, profile: Profile) -> list[Problem]:
    """Return everything that keeps the client from being registered; empty if nothing does."""
    return [problem for rule in RULES for problem in rule(client, profile)]


@requirement("CBUAE-4.2a", "FAPI2-SP-FINAL-5.3.2.1-6", "FFI-18")
def authentication_is_offered(client: Registration, profile: Profile) -> Iterator[Problem]:
    """Every client authenticates by a key of its own: there is no method that proves nothing."""
    if client.token_endpoint_auth_method not in profile.client_authentication_methods:
        yield _not_offered(
            profile,
            "token_endpoint_auth_method",
            rule="client_authentication_methods",
            offered=profile.client_authentication_methods,
        )


@requirement("CBUAE-4.2a", "FAPI2-SP-FINAL-5.3.2.1-4", "FAPI2-SP-FINAL-5.3.2.1-5")
def binding_is_offered(client: Registration, profile: Profile) -> Iterator[Problem]:
    binding = "dpop" if client.dpop_bound_access_tokens else "mtls"
    if binding not in profile.sender_constraints:
        yield _not_offered(
            profile,
            "dpop_bound_access_tokens",
            rule="sender_constraints",
            offered=profile.sender_constraints,
        )
    bound = client.dpop_bound_access_tokens or client.tls_client_certificate_bound_access_tokens
    if profile.sender_constraint_required and not bound:
        yield Problem(
            "tls_client_certificate_bound_access_tokens",
            profile.clauses["sender_constraint_required"],
            f"{profile.title} binds every token.",
        )


@requirement("CBUAE-4.2a", "FAPI2-SP-FINAL-5.4.1-1")
def algorithms_are_allowed(client: Registration, profile: Profile) -> Iterator[Problem]:
    for field in ("signing_algorithm", "id_token_signed_response_alg"):
        algorithm = getattr(client, field)
        if algorithm and algorithm not in profile.signing_algorithms:
            yield _not_offered(
                profile, field, rule="signing_algorithms", offered=profile.signing_algorithms
            )


@requirement("CBUAE-4.2a", "JARM-2.3.4")
def response_mode_can_be_registered(client: Registration, profile: Profile) -> Iterator[Problem]:
    if client.authorization_response_mode not in profile.response_modes:
        yield _not_offered(
            profile,
            "authorization_response_mode",
            rule="response_modes",
            offered=profile.response_modes,
        )


@requirement("CBUAE-4.2a", "FAPI2-SP-FINAL-5.3.2.1-1", "RFC6749-1.5")
def grants_are_offered(client: Registration, profile: Profile) -> Iterator[Problem]:
    if not set(client.grant_types) <= set(profile.grant_types):
        yield _not_offered(profile, "grant_types", rule="grant_types", offered=profile.grant_types)
    if "refresh_token" in client.grant_types and "authorization_code" not in client.grant_types:
        yield Problem(
            "grant_types", "RFC6749-1.5", "A refresh token needs the authorization code grant."
        )


@requirement("CBUAE-4.2b", "RFC7591-2")
def keys_come_from_one_allowed_source(client: Registration, profile: Profile) -> Iterator[Problem]:
    """Keys by value grow old unseen; two sources would leave open which of them counts."""
    clause = profile.clauses["key_sources"]
    if client.client_jwks and "jwks" not in profile.key_sources:
        yield Problem("client_jwks", clause, "Keys by value are refused: give a JWKS URI instead.")
    elif client.client_jwks and client.client_jwks_uri:
        yield Problem("client_jwks", "RFC7591-2", "Give a JWKS URI or keys by value, not both.")
    if client.client_jwks_uri and not client.client_jwks_uri.startswith("https://"):
        yield Problem("client_jwks_uri", clause, "The JWKS URI must be https.")
    if (reason := _why_keys_are_needed(client, profile)) and not (
        client.client_jwks_uri or client.client_jwks
    ):
        yield Problem("client_jwks_uri", clause, reason)


def _why_keys_are_needed(client: Registration, profile: Profile) -> str:
    if client.token_endpoint_auth_method == "private_key_jwt":
        return "private_key_jwt needs the client's keys: say where it publishes them."
    signs_requests = client.require_signed_request_object or profile.request_object_required
    if signs_requests and "authorization_code" in client.grant_types:
        return "Signed requests need the client's keys: say where it publishes them."
    return ""


@requirement("CBUAE-4.2a", "CBUAE-2.1.2")
def token_is_within_limits(client: Registration, profile: Profile) -> Iterator[Problem]:
    token_format = client.access_token_format
    if token_format and token_format not in profile.access_token_formats:
        yield _not_offered(
            profile,
            "access_token_format",
            rule="access_token_formats",
            offered=profile.access_token_formats,
        )
    seconds, longest = client.access_token_seconds, client.ecosystem.access_token_lifetime
    if seconds is not None and seconds > longest.total_seconds():
        yield Problem(
            "access_token_seconds",
            profile.clauses["max_access_token_lifetime"],
            f"At most {longest.total_seconds():.0f} seconds, the ecosystem's own lifetime.",
        )


@requirement("RFC6749-3.3", "RAR-5", "OIDCC-5.5")
def requests_stay_in_the_ecosystem(client: Registration, profile: Profile) -> Iterator[Problem]:
    offer = client.ecosystem
    if unknown := sorted(set(client.scopes) - set(offer.scopes)):
        yield Problem("scopes", "RFC6749-3.3", f"Not on offer here: {', '.join(unknown)}.")
    if untold := sorted({*client.claims} - {*offer.claims, *covered_by(offer.scopes)}):
        yield Problem("claims", "OIDCC-5.5", f"Not on offer here: {', '.join(untold)}.")
    for type_or_prefix in sorted(client.authorization_details_types):
        if not _reaches(type_or_prefix, offer.authorization_details_types):
            yield Problem(
                "authorization_details_types", "RAR-5", f"Not on offer here: {type_or_prefix}."
            )


def _reaches(type_or_prefix: str, offered: Collection[str]) -> bool:
    """A prefix ending in ``*`` must reach a type on offer, or be narrower than one that does."""
    if type_is_listed(type_or_prefix, offered):
        return True
    return len(type_or_prefix) > 1 and any(
        type_is_listed(each, [type_or_prefix]) for each in offered
    )


@requirement("FFI-17")
def addresses_are_networks(client: Registration, profile: Profile) -> Iterator[Problem]:
    """Beside the authentication, never instead of it."""
    for each in client.allowed_addresses:
        try:
            ipaddress.ip_network(each)
        except ValueError:
            yield Problem(
                "allowed_addresses",
                "FFI-17",
                f"{each} is no address and no network: write 192.0.2.7, 192.0.2.0/24 or"
                " 2001:db8::/48.",
            )


def _not_offered(profile: Profile, field: str, *, rule: str, offered: Iterable[str]) -> Problem:
    clause = profile.clauses.get(rule, OUR_CHOICE)
    return Problem(field, clause, f"{profile.title} offers {', '.join(offered)}.")


RULES: tuple[Callable[[Registration, Profile], Iterator[Problem]], ...] = (
    authentication_is_offered,
    binding_is_offered,
    algorithms_are_allowed,
    response_mode_can_be_registered,
    grants_are_offered,
    keys_come_from_one_allowed_source,
    one_certificate_name_is_registered,
    redirect_uris_are_exact,
    token_is_within_limits,
    requests_stay_in_the_ecosystem,
    addresses_are_networks,
)
