"""What a client asks for, held to the types that its ecosystem offers before anything is stored."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from authserver.ecosystems.models import Ecosystem
from authserver.protocol.errors import InvalidAuthorizationDetails, InvalidScope
from authserver.protocol.profiles.checks import detail_types_are_allowed
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from clients.models import Client
from consents import names, types
from consents.grant import Grant
from consents.models import Consent
from consents.types.detail_type import Accounts, Detail, DetailType


@case("PR-16", "PR-17")
@requirement("RAR-5", "CBUAE-2.1.6")
def require_valid_details(
    request: AuthorizationRequest, *, client: Client, ecosystem: Ecosystem, now: datetime
) -> None:
    """Return if every detail is valid, of a type that is on offer and allowed, else raise.

    One that is not refuses the whole request (InvalidAuthorizationDetails), and so does a scope
    that the ecosystem took off its list (InvalidScope).
    """
    if not set(request.scope) <= set(ecosystem.scopes):
        raise InvalidScope("scope is not offered here", clause="RFC6749-3.3")
    detail_types_are_allowed(request, client, ecosystem.rules)
    details = request.authorization_details or ()
    for detail in details:
        if detail["type"] not in ecosystem.authorization_details_types:
            raise InvalidAuthorizationDetails("a type of authorization_details is not offered here")
        detail_type = types.find(detail["type"])
        if detail_type is None:
            raise InvalidAuthorizationDetails("a type of authorization_details is not offered here")
        detail_type.require_valid(detail, now=now, zone=ecosystem.zone)
    one_choice_of_accounts_is_enough(details)
    identifiers_are_new(details, client=client)


def asked(request: AuthorizationRequest, *, ecosystem: Ecosystem, now: datetime) -> Grant:
    """All that the request asks for; scopes alone last for as long as the profile says.

    ``now`` is when it was pushed, or opened: the page, the approval and the row count from one.
    """
    details = request.authorization_details
    if not details:
        return Grant.asked(request, until=now + ecosystem.rules.scope_consent_lifetime)
    return Grant.asked(request, until=earliest_end(details, ecosystem=ecosystem, now=now))


@case("CD-11")
@requirement("RAR-5")
def a_person_can_approve(details: Collection[Detail]) -> None:
    """What organisations agree between themselves is nothing to ask a person about."""
    if not all(type_of(detail).needs_person for detail in details):
        raise InvalidAuthorizationDetails("a type of authorization_details is not for people")


@case("CD-11")
@requirement("RAR-5")
def no_person_is_needed(details: Collection[Detail]) -> None:
    """A client that acts for itself cannot stand in for somebody's consent."""
    if any(type_of(detail).needs_person for detail in details):
        raise InvalidAuthorizationDetails(
            "a type of authorization_details needs a person's consent"
        )


@requirement("RAR-5")
def one_choice_of_accounts_is_enough(details: Collection[Detail]) -> None:
    """A person chooses once: the account to pay from, or those to share, not both in one list."""
    kinds = {type_of(detail).accounts for detail in details} - {Accounts.NONE}
    if len(kinds) > 1:
        raise InvalidAuthorizationDetails("payments and account data cannot be asked for together")


@requirement("CBUAE-2.4c")
def identifiers_are_new(details: Collection[Detail], *, client: Client) -> None:
    """An identifier names one consent of the ecosystem: not two details, and none that was decided.

    While nobody has decided, it may be pushed again: a request_uri runs out, an answer gets lost.
    """
    identifiers = names.names_in(details)
    if len(identifiers) != len(set(identifiers)):
        raise InvalidAuthorizationDetails("two details have the same ConsentId")
    if names.are_taken(identifiers, ecosystem=client.ecosystem_id):
        raise InvalidAuthorizationDetails("a consent with this ConsentId was already decided")


@requirement("RAR-7", "RAR-7.1")
def granted_details(consent: Consent) -> list[dict[str, Any]]:
    """What tokens carry: each detail as its type grants it, with what the person chose."""
    return [type_of(detail).granted(detail, consent) for detail in consent.authorization_details]


def earliest_end(
    details: Collection[Detail], *, ecosystem: Ecosystem, now: datetime
) -> datetime | None:
    """When the first of them ends, and the consent with it; None where none ever does."""
    zone = ecosystem.zone
    ends = [type_of(detail).expires_at(detail, now=now, zone=zone) for detail in details]
    return min((end for end in ends if end is not None), default=None)


def pays(details: Collection[Detail]) -> bool:
    """True if one of them is a payment: that can be used up."""
    return any(type_of(detail).accounts is Accounts.ONE for detail in details)


def type_of(detail: Detail) -> DetailType:
    """The type of a detail that was held to it before."""
    detail_type = types.find(detail["type"])
    assert detail_type is not None, "require_valid_details was asked first"
    return detail_type


def first_name(details: Collection[Detail], member: str) -> str:
    """The first identifier that a detail gives by this member of its type; empty for none."""
    names = (getattr(type_of(detail), member)(detail) for detail in details)
    return next((name for name in names if name), "")
