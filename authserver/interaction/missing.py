"""What is still missing before a request can be answered? Small checks, asked in order.

Each returns where to send the person, or None; with ``prompt=none`` what is missing is an error.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import HttpRequest
from django.urls import reverse

from authserver.accounts import acr
from authserver.accounts.enrolments import active_enrolment
from authserver.accounts.models import User
from authserver.ecosystems.models import Ecosystem
from authserver.interaction.hints import person_is_the_hinted_one
from authserver.protocol.errors import (
    AccessDenied,
    ConsentRequired,
    InteractionRequired,
    LoginRequired,
    OAuthError,
    UnmetAuthenticationRequirements,
)
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.tokens.models import AuthorizationTransaction
from clients import permission
from clients.models import Client
from consents import actions as consents
from consents import types
from consents.grant import Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """All that the checks look at."""

    request: HttpRequest
    transaction: AuthorizationTransaction
    wanted: AuthorizationRequest
    client: Client
    ecosystem: Ecosystem
    now: datetime

    @property
    def resume_url(self) -> str:
        return reverse("authorize-resume", args=[self.ecosystem.slug, self.transaction.handle])

    @property
    def asked(self) -> Grant:
        """All that the request asks for."""
        return consents.asked(self.wanted, ecosystem=self.ecosystem, now=self.now)

    @property
    def prompts(self) -> Collection[str]:
        return (self.wanted.prompt or "").split()


@dataclass(frozen=True, slots=True)
class Missing:
    """Where the person can provide it, and what to answer where no page may be shown.

    The error is handed over and not raised, so it names its clause itself.
    """

    url: str
    error: OAuthError


def what_is_missing(journey: Journey) -> Missing | None:
    """The first thing that is missing, or None: the request can be answered."""
    for check in (permitted, login, second_factor, enrolment, accounts, consent):
        missing = check(journey)
        if missing is not None:
            return missing
    return None


@requirement("CD-15", "RFC6749-3.3", "RAR-5")
def permitted(journey: Journey) -> None:
    """Raise where the registration permits less than it did when the request was pushed."""
    permission.hold(journey.wanted, journey.client)


@requirement("OIDCC-3.1.2.3", "OIDCC-3.1.2.1", "OIDCC-15.1")
def login(journey: Journey) -> Missing | None:
    """Signed in, recently enough, and as the person that this transaction began with."""
    found = acr.of_request(journey.request)
    login_page = _page("account_login", journey)
    if found is None:
        return Missing(
            login_page, LoginRequired("the person is not signed in", clause="OIDCC-3.1.2.3")
        )
    oldest = _oldest_login(journey)
    if oldest is not None and found.auth_time < oldest:
        if "none" not in journey.prompts:
            logout(journey.request)
        return Missing(
            login_page, LoginRequired("the person signed in too long ago", clause="OIDCC-3.1.2.1")
        )
    if not AuthorizationTransaction.objects.attach(journey.transaction, found.user):
        raise AccessDenied("somebody else began this request in this browser", clause="AZ-17")
    person_is_the_hinted_one(journey.wanted, journey.client, found.user)
    return None


def _oldest_login(journey: Journey) -> datetime | None:
    instants = []
    if "login" in journey.prompts:
        instants.append(journey.transaction.opened_at)
    if journey.wanted.max_age is not None:
        instants.append(journey.transaction.opened_at - timedelta(seconds=journey.wanted.max_age))
    return max(instants, default=None)


@requirement("CLOUDENTITY-7", "OIDCC-5.5.1.1")
def second_factor(journey: Journey) -> Missing | None:
    """As strong a login as the ecosystem and the request demand; never a weaker acr."""
    found = acr.of_request(journey.request)
    assert found is not None
    offered = {acr.ACR_TWO_FACTORS, acr.ACR_ONE_FACTOR}
    essential = _essential_acr(journey.wanted)
    if essential and offered.isdisjoint(essential):
        raise UnmetAuthenticationRequirements("the acr asked for is not offered here")
    wanted = essential or set((journey.wanted.acr_values or "").split()) & offered
    needed = journey.ecosystem.login_policy == Ecosystem.LoginPolicy.TWO_FACTORS or wanted == {
        acr.ACR_TWO_FACTORS
    }
    if not needed or found.acr == acr.ACR_TWO_FACTORS:
        return None
    name = "mfa_authenticate" if acr.has_second_factor(found.user) else "mfa_activate_totp"
    return Missing(
        _page(name, journey),
        LoginRequired("the person has to confirm with a second factor", clause="CLOUDENTITY-7"),
    )


def _essential_acr(wanted: AuthorizationRequest) -> set[str]:
    asked = wanted.claims.get("id_token")
    asked = asked.get("acr") if isinstance(asked, dict) else None
    if not isinstance(asked, dict) or asked.get("essential") is not True:
        return set()
    values = asked.get("values", [asked.get("value")])
    return {each for each in values if isinstance(each, str)} if isinstance(values, list) else set()


@requirement("CLOUDENTITY-3")
def enrolment(journey: Journey) -> Missing | None:
    """A person of this deployment, and of this ecosystem."""
    assert isinstance(journey.request.user, User)
    if active_enrolment(journey.request.user, journey.ecosystem) is not None:
        return None
    raise AccessDenied("the person is not enrolled in this ecosystem")


@requirement("RAR-7.1")
def accounts(journey: Journey) -> Missing | None:
    """The accounts, where a type shares some; refused where the decision came without them."""
    details = journey.wanted.authorization_details or ()
    chosen = journey.transaction.choices.get("accounts")
    if chosen or not any(_needs_accounts(detail["type"]) for detail in details):
        return None
    if journey.transaction.decision == AuthorizationTransaction.Decision.APPROVED:
        raise AccessDenied("the accounts were not chosen")
    return Missing(
        _handle_page("consents:accounts", journey),
        InteractionRequired("the person has to choose accounts", clause="RAR-7.1"),
    )


def _needs_accounts(name: str) -> bool:
    found = types.find(name)
    return found is not None and found.needs_accounts


@requirement("RAR-5", "OIDCC-3.1.2.4")
def consent(journey: Journey) -> Missing | None:
    """Approved now; or scopes alone that were approved before, unless prompt=consent."""
    if journey.transaction.decision == AuthorizationTransaction.Decision.APPROVED:
        return None
    if "consent" not in journey.prompts and not journey.wanted.authorization_details:
        assert isinstance(journey.request.user, User)
        remembered = consents.remembered(
            client=journey.client,
            user=journey.request.user,
            asked=journey.asked,
            now=journey.now,
        )
        if remembered is not None:
            return None
    return Missing(
        _handle_page("consents:review", journey),
        ConsentRequired("the person has to consent", clause="OIDCC-3.1.2.4"),
    )


def _page(name: str, journey: Journey) -> str:
    return f"{reverse(name)}?{urlencode({'next': journey.resume_url})}"


def _handle_page(name: str, journey: Journey) -> str:
    return reverse(name, args=[journey.ecosystem.slug, journey.transaction.handle])
