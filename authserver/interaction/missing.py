"""What is still missing before a request can be answered? Small checks, asked in order.

Each returns what is missing, or None. Where nobody may be asked (``prompt=none``), what is missing
is an error. Nothing here knows how a person is asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from authserver.accounts.enrolments import active_enrolment
from authserver.interaction.hints import person_is_the_hinted_one
from authserver.interaction.interaction import Decision, Interaction
from authserver.interaction.rules import (
    OFFERED_ACR,
    accounts_are_chosen,
    accounts_are_needed,
    essential_acr,
    is_strong_enough,
    two_factors_are_needed,
)
from authserver.protocol.errors import (
    AccessDenied,
    BegunBySomebodyElse,
    ConsentRequired,
    InteractionRequired,
    LoginRequired,
    NotEnrolled,
    OAuthError,
    UnmetAuthenticationRequirements,
)
from authserver.protocol.requirements import case, requirement
from clients import permission


class Step(Enum):
    """What a person can be asked for, in the order in which it is asked."""

    SIGN_IN = "sign in"
    SECOND_FACTOR = "second factor"
    ACCOUNTS = "accounts"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What to ask for next, and what to answer where nobody may be asked.

    ``anew``: what was proved before counts no longer. The error is handed over and not raised, so
    it names its clause itself.
    """

    step: Step
    error: OAuthError
    anew: bool = False


def what_is_missing(interaction: Interaction) -> Missing | None:
    """The first thing that is missing, or None: the request can be answered.

    OAuthError where nothing that a person could do would help.
    """
    for check in (require_permitted, login, second_factor, require_enrolment, accounts, consent):
        missing = check(interaction)
        if missing is not None:
            return missing
    return None


def steps(interaction: Interaction) -> list[Step]:
    """All that this person is asked for on the way; who was known before it began is asked less."""
    authentication = interaction.authentication
    decision = [Step.REVIEW]
    if accounts_are_needed(interaction.authorization_request):
        decision.insert(0, Step.ACCOUNTS)
    two = two_factors_are_needed(interaction.authorization_request, interaction.ecosystem)
    if authentication is None or authentication.auth_time >= interaction.transaction.opened_at:
        return [Step.SIGN_IN, *([Step.SECOND_FACTOR] if two else []), *decision]
    if _is_strong_enough(interaction):
        return decision
    return [Step.SECOND_FACTOR, *decision]


@case("CD-15")
@requirement("RFC6749-3.3", "RAR-5")
def require_permitted(interaction: Interaction) -> None:
    """Raise where the registration permits less than it did when the request was pushed."""
    permission.require_permitted(interaction.authorization_request, interaction.client)


def is_still_permitted(interaction: Interaction) -> bool:
    """What cannot be granted any more is not shown; whoever goes on is told why."""
    try:
        require_permitted(interaction)
    except OAuthError:
        return False
    return True


@requirement("OIDCC-3.1.2.3", "OIDCC-3.1.2.1", "OIDCC-15.1")
def login(interaction: Interaction) -> Missing | None:
    """Known, recently enough, and as the person that this transaction began with."""
    authentication = interaction.authentication
    if authentication is None:
        error = LoginRequired("the person is not signed in", clause="OIDCC-3.1.2.3")
        return Missing(step=Step.SIGN_IN, error=error)
    oldest = _oldest_login(interaction)
    if oldest is not None and authentication.auth_time < oldest:
        error = LoginRequired("the person signed in too long ago", clause="OIDCC-3.1.2.1")
        return Missing(step=Step.SIGN_IN, error=error, anew=True)
    if not interaction.transaction.falls_to(authentication.user):
        raise BegunBySomebodyElse(
            "somebody else began this request in this browser", clause="RFC6749-10.12"
        )
    person_is_the_hinted_one(
        interaction.authorization_request, interaction.client, authentication.user
    )
    return None


def _oldest_login(interaction: Interaction) -> datetime | None:
    opened_at = interaction.transaction.opened_at
    max_age = interaction.authorization_request.max_age
    instants = [opened_at] if "login" in interaction.prompts else []
    if max_age is not None:
        instants.append(opened_at - timedelta(seconds=max_age))
    return max(instants, default=None)


@requirement("OIDCC-5.5.1.1", "PRODUCT-5")
def second_factor(interaction: Interaction) -> Missing | None:
    """As strong a login as the ecosystem and the request demand; never a weaker acr."""
    essential = essential_acr(interaction.authorization_request)
    if essential and OFFERED_ACR.isdisjoint(essential):
        raise UnmetAuthenticationRequirements("the acr asked for is not offered here")
    if _is_strong_enough(interaction):
        return None
    return Missing(
        step=Step.SECOND_FACTOR,
        error=LoginRequired("the person has to confirm with a second factor", clause="PRODUCT-5"),
    )


def _is_strong_enough(interaction: Interaction) -> bool:
    authentication = interaction.authentication
    assert authentication is not None, "login was asked first"
    return is_strong_enough(
        authentication, interaction.authorization_request, interaction.ecosystem
    )


@requirement("PRODUCT-4")
def require_enrolment(interaction: Interaction) -> None:
    """A person of this deployment, and of this ecosystem."""
    assert interaction.authentication is not None, "login was asked first"
    if active_enrolment(interaction.authentication.user, interaction.ecosystem) is None:
        raise NotEnrolled("the person is not enrolled in this ecosystem")


@requirement("RAR-7.1")
def accounts(interaction: Interaction) -> Missing | None:
    """The accounts, where a type shares some; refused where the decision came without them."""
    if not accounts_are_missing(interaction):
        return None
    if interaction.transaction.decision == Decision.APPROVED:
        raise AccessDenied("the accounts were not chosen")
    error = InteractionRequired("the person has to choose accounts", clause="RAR-7.1")
    return Missing(step=Step.ACCOUNTS, error=error)


def accounts_are_missing(interaction: Interaction) -> bool:
    return accounts_are_needed(interaction.authorization_request) and not accounts_are_chosen(
        interaction.transaction
    )


@requirement("RAR-5", "OIDCC-3.1.2.4")
def consent(interaction: Interaction) -> Missing | None:
    """Approved now; or scopes alone that were approved before, unless prompt=consent."""
    if interaction.transaction.decision == Decision.APPROVED:
        return None
    details = interaction.authorization_request.authorization_details
    if "consent" not in interaction.prompts and not details and interaction.remembered is not None:
        return None
    error = ConsentRequired("the person has to consent", clause="OIDCC-3.1.2.4")
    return Missing(step=Step.REVIEW, error=error)
