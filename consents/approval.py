"""What must be true when a person approves, and the lock under which the approval is stored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, UUIDField

from authserver.accounts.models import User
from authserver.protocol.errors import AccessDenied
from authserver.protocol.requirements import case, requirement
from authserver.storage.prepared import Parameter
from authserver.storage.share_lock import UpdateLock
from authserver.storage.together import Held
from clients import permission
from consents.details import type_of
from consents.models import Consent, ConsentState
from consents.types.detail_type import Accounts


def require_approvable(
    consent: Consent, user: User, choices: Mapping[str, Any], *, now: datetime
) -> None:
    """Return if this person may approve it with these choices, or raise AccessDenied.

    What of it may change meanwhile, the state and what is registered, the statement that approves
    looks at again.
    """
    consent_is_waiting(consent)
    decision_is_in_time(consent, now=now)
    consent_is_still_permitted(consent)
    accounts_are_chosen(consent, choices)
    person_owns_the_chain(consent, user)


def as_it_is(consent: Consent) -> Consent:
    """The consent as it is now, with its client and ecosystem as they are."""
    rows = Consent.objects.select_related("client__participant__ecosystem", "client__ecosystem")
    return rows.get(pk=consent.pk)


def held_while_waiting(consent: Consent, *, now: datetime) -> Held:
    """The lock of the consent where nobody has decided it, and its time is not over."""
    return Held(WAITING, {"consent": consent.pk, "now": now})


@requirement("CBUAE-2.4c")
def consent_is_waiting(consent: Consent) -> None:
    if consent.state != ConsentState.AWAITING:
        raise AccessDenied("the consent is no longer waiting")


@requirement("CBUAE-2.4a", "CBUAE-2.4c")
def decision_is_in_time(consent: Consent, *, now: datetime) -> None:
    limits = [consent.expires_at]
    limits += [type_of(detail).deadline(detail) for detail in consent.authorization_details]
    if any(limit is not None and limit <= now for limit in limits):
        raise AccessDenied("the time to approve the consent is over")


@case("CD-15")
@requirement("RFC6749-3.3", "RAR-5")
def consent_is_still_permitted(consent: Consent) -> None:
    """All that was shown: the client and its ecosystem may permit less than when it was pushed."""
    left = permission.left_of(
        consent.client,
        scope=consent.scope,
        authorization_details=consent.authorization_details,
        grant_types=permission.BY_CODE,
    )
    claims_are_permitted = set(consent.grant.claims.names) <= permission.claims(consent.client)
    if left is None or left.scope.split() != consent.scope.split() or not claims_are_permitted:
        raise AccessDenied("the client is not registered for all of the consent any more")


@case("AZ-16")
@requirement("RAR-7.1")
def accounts_are_chosen(consent: Consent, choices: Mapping[str, Any]) -> None:
    """One account to pay from, at least one to share, as the types want it."""
    chosen = len(choices.get("accounts", ()))
    needed = {type_of(detail).accounts for detail in consent.authorization_details}
    if (Accounts.ONE in needed and chosen != 1) or (Accounts.SOME in needed and chosen < 1):
        raise AccessDenied("the accounts were not chosen")


@requirement("CBUAE-2.4c")
def person_owns_the_chain(consent: Consent, user: User) -> None:
    """A consent renews one of the same person, or whoever signs in would get another's chain."""
    bases = {type_of(detail).base_id(detail).lower() for detail in consent.authorization_details}
    if not any(bases):
        return
    chain = Consent.objects.filter(
        client=consent.client_id,
        names__ecosystem=consent.ecosystem_id,  # names are found by it
        names__name__in=bases - {""},
    )
    if chain.exclude(user=None).exclude(user=user).exists():
        raise AccessDenied("the consent renews one of another person")


WAITING = UpdateLock(
    lambda: Consent.objects.filter(
        Consent.IN_TIME.q(now=Parameter("now", DateTimeField())),
        pk=Parameter("consent", UUIDField()),
        state=ConsentState.AWAITING,
    ).values_list("pk"),
    of=(Consent,),
)
