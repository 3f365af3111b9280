"""The life of a consent: which state may follow which, and which one it is in at an instant."""

from datetime import datetime

from authserver.accounts.models import User
from authserver.protocol.requirements import requirement
from consents.models import CURRENT_STATES, IN_USE, Consent, ConsentState

AWAITING, AUTHORIZED = ConsentState.AWAITING, ConsentState.AUTHORIZED
SUSPENDED = ConsentState.SUSPENDED

# Who ended a consent. Somebody in the person's browser who had not signed in is nobody we know.
PERSON, TPP, OPERATOR, SYSTEM, ANONYMOUS = "person", "TPP", "operator", "system", "anonymous"

# The states from which each state is entered; what is not named here cannot happen.
ENTERED_FROM = {
    ConsentState.AUTHORIZED: frozenset({AWAITING, SUSPENDED}),
    ConsentState.REJECTED: frozenset({AWAITING}),
    ConsentState.SUSPENDED: frozenset({AUTHORIZED}),
    ConsentState.CONSUMED: frozenset({AUTHORIZED}),
    ConsentState.EXPIRED: frozenset({AUTHORIZED, SUSPENDED}),
    ConsentState.REVOKED: frozenset(CURRENT_STATES),
}


class IllegalTransition(ValueError):
    """The consent is in a state from which the wanted one cannot be entered."""


@requirement("CBUAE-2.4c")
def state_of(consent: Consent, *, now: datetime) -> ConsentState:
    """The state at this instant: a consent whose time is over has ended, whoever noted it."""
    stored = ConsentState(consent.state)
    if stored in IN_USE and not Consent.IN_TIME.holds(consent, now=now):
        return ConsentState.EXPIRED
    return stored


def party(by: str, consent: Consent) -> str:
    """Which of the three an actor is to this consent: by client id, by its person's username."""
    if by == consent.client.client_id:
        return TPP
    return PERSON if consent.user is not None and by == consent.user.username else OPERATOR


def refusing_party(by: str, consent: Consent, user: User | None) -> str:
    """Who refused, by username or client id.

    Empty is somebody who had not signed in, ``system`` a rule or the clock.
    """
    if user is not None and by == user.username:
        return PERSON
    if by == consent.client.client_id:
        return TPP
    return {"": ANONYMOUS, SYSTEM: SYSTEM}.get(by, OPERATOR)
