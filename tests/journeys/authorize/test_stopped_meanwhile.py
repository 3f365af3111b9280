"""What a code would stand on ends between the person's yes and the code."""

import pytest
from django.utils import timezone

from authserver.accounts.models import Enrolment
from authserver.endpoints import authorize
from authserver.interaction.completion import approved_consent
from authserver.tokens.models import AuthorizationCode
from clients import actions
from consents import actions as consents
from consents.models import Consent, ConsentState
from tests.support.person import answer_in

case = pytest.mark.case

ENDS = {
    "client": lambda tpp, person, consent: actions.suspend_client(tpp.client, by="clerk"),
    "participant": lambda tpp, person, consent: actions.suspend_participant(
        tpp.client.participant, by="clerk"
    ),
    "person": lambda tpp, person, consent: type(person.user).objects.update(is_active=False),
    "enrolment": lambda tpp, person, consent: Enrolment.objects.update(is_active=False),
    "consent": lambda tpp, person, consent: consents.revoke(
        consent, by="clerk", now=timezone.now()
    ),
}


@case("CD-14", "CD-15", "TK-10")
@pytest.mark.parametrize("what", ENDS)
def test_no_code_is_issued(tpp, person, monkeypatch, what):
    def then_it_ends(interaction):
        consent = approved_consent(interaction)
        ENDS[what](tpp, person, consent)
        return consent

    monkeypatch.setattr(authorize, "approved_consent", then_it_ends)
    page = person.opens(tpp, tpp.push().json()["request_uri"])
    answer = answer_in(person.decides(page))

    assert answer["error"] == "access_denied"
    assert "code" not in answer
    assert not AuthorizationCode.objects.exists()
    assert not Consent.objects.filter(state=ConsentState.AUTHORIZED).exists()


@case("CD-14")
def test_while_all_of_it_lives_there_is_a_code(tpp, person):
    page = person.opens(tpp, tpp.push().json()["request_uri"])

    assert answer_in(person.decides(page))["code"]
    assert AuthorizationCode.objects.count() == 1
