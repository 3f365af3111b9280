"""What a code would stand on ends between the person's yes and the code."""

import pytest
from django.utils import timezone

from authserver.accounts.models import Enrolment
from authserver.ecosystems.models import Ecosystem
from authserver.endpoints import authorize
from authserver.endpoints.front_channel import answer_url
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


@pytest.fixture
def then_it_ends(tpp, person, monkeypatch):
    """Everything was judged, the answer is written, and nothing of it is stored."""

    def then(end):
        def written(*arguments, **more):
            url = answer_url(*arguments, **more)
            end(tpp, person, Consent.objects.filter(state=ConsentState.AUTHORIZED).first())
            monkeypatch.undo()
            return url

        monkeypatch.setattr(authorize, "answer_url", written)

    return then


@pytest.fixture
def answered(tpp, person):
    """The answer to somebody who agreed before: at once, or by a page that is asked for."""
    person.approves(tpp, tpp.push().json()["request_uri"])
    AuthorizationCode.objects.all().delete()

    def answered(way, *, before):
        asked = {"prompt": "consent"} if way == "on the page" else {}
        request_uri = tpp.push(**asked).json()["request_uri"]
        page = person.opens(tpp, request_uri) if asked else None
        before()
        return answer_in(person.decides(page) if page else person.opens(tpp, request_uri))

    return answered


@case("CD-14", "CD-15", "TK-10")
@pytest.mark.parametrize(
    ("way", "what"),
    [
        *(("at once", what) for what in ENDS),
        *(("on the page", what) for what in ENDS if what != "consent"),  # which is given there
    ],
)
def test_no_code_is_issued(answered, then_it_ends, way, what):
    answer = answered(way, before=lambda: then_it_ends(ENDS[what]))

    assert answer["error"] == "access_denied"
    assert "code" not in answer
    assert not AuthorizationCode.objects.exists()


NARROWED = {
    "client": lambda tpp: type(tpp.client).objects.update(scopes=["openid"]),
    "ecosystem": lambda tpp: Ecosystem.objects.update(scopes={"openid": "Who you are"}),
}


@case("CD-15")
@pytest.mark.parametrize("what", NARROWED)
@pytest.mark.parametrize("way", ["on the page", "at once"])
def test_what_is_registered_by_then_counts(answered, then_it_ends, what, way):
    """Judged by what was registered a moment ago, it is judged again, and refused."""
    answer = answered(way, before=lambda: then_it_ends(lambda tpp, *_: NARROWED[what](tpp)))

    assert answer["error"] == "invalid_scope"
    assert not AuthorizationCode.objects.exists()


@case("CD-14")
def test_while_all_of_it_lives_there_is_a_code(tpp, person):
    page = person.opens(tpp, tpp.push().json()["request_uri"])

    assert answer_in(person.decides(page))["code"]
    assert AuthorizationCode.objects.count() == 1
