"""Alive is defined once per thing: everybody who asks gives the same answer, whatever is stored.

The reading SQL, the locks of issuing, the pages and the operators' lists are compared over every
combination of states and times that differs from what is stored, all of it alive, in two columns or
fewer: what somebody forgets to ask shows where it alone is dead, what somebody joins by OR where
two are. The combinations are generated from the models: a state, or a column of a condition, that
is added later is asked of everybody.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from authserver.accounts.models import Enrolment
from authserver.tokens.models import AccessToken
from clients.models import Client
from consents.models import Consent
from tests.operations.validity.asking import (
    all_are_locked,
    introspected,
    known_client_is_let_in,
    refreshed,
    said_to_be_active,
)
from tests.operations.validity.spellings import SPELLINGS
from tests.support.combinations import columns_of, every_condition, stored_in_turn

AT_ONCE = 2
CONDITIONS = every_condition()
pytestmark = pytest.mark.case("CD-14", "CD-15", "TK-10")


@pytest.fixture
def now(monkeypatch):
    """The instant at which everybody is asked: all rows of ``living`` were made before it."""

    def stand_still():
        instant = timezone.now()
        monkeypatch.setattr(timezone, "now", lambda: instant)
        return instant

    return stand_still


def test_everything_that_can_be_alive_is_compared():
    assert set(SPELLINGS) == set(CONDITIONS)
    things = {name.partition(".")[0] for name in CONDITIONS}
    assert things >= {
        "Client", "Participant", "Ecosystem", "User", "Enrolment", "Consent", "AuthorizationCode",
        "AccessToken", "RefreshToken", "PushedRequest", "AuthorizationTransaction",
        "ClientCertificate", "SigningKey",
    }  # fmt: skip


@pytest.mark.parametrize("name", CONDITIONS)
def test_everybody_gives_the_same_answer(living, now, name):
    model, condition = CONDITIONS[name]
    instant = now()
    columns = columns_of(condition, living.row(model), now=instant)
    answers = set()

    for differing in stored_in_turn(columns, at_once=AT_ONCE):
        row = living.row(model)
        stored = model._base_manager.filter(pk=row.pk)
        said = {
            "a query": stored.filter(condition.q(now=instant)).exists(),
            "a query for the others": not stored.filter(~condition.q(now=instant)).exists(),
            "a row at hand": condition.holds(row, now=instant),
        } | {who: ask(living, instant) for who, ask in SPELLINGS[name].items()}
        assert len(set(said.values())) == 1, (differing, said)
        answers |= set(said.values())

    assert answers == {True, False}


def test_a_token_its_refreshing_its_issuing_and_its_page_are_alive_together(living, now):
    """All that a token stands on beside itself."""
    instant = now()
    enrolment = living.row(Enrolment)
    token = living.row(AccessToken)
    columns = [
        *columns_of(Client.ALIVE.under("application"), token, now=instant),
        *columns_of(Enrolment.ALIVE, enrolment, now=instant),
        *columns_of(Consent.ALIVE.under("consent"), token, now=instant),
    ]
    alive = []

    for differing in stored_in_turn(columns, at_once=AT_ONCE):
        is_let_in = known_client_is_let_in(living, instant)
        said = {
            "introspection": introspected(living, instant),
            "the gate and refreshing": is_let_in and refreshed(living, instant),
            "the lock": all_are_locked(living, instant),
            "the page": said_to_be_active(living, instant),
        }
        assert len(set(said.values())) == 1, (differing, said)
        if said["introspection"]:
            alive.append(differing)

    ends = (None, instant + timedelta(seconds=1))
    assert alive == [{}, *({"Consent.expires_at": end} for end in ends)]
