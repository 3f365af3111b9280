"""Consents: looked at with account numbers masked; held, resumed and stopped by operators."""

import pytest

from authserver.backoffice.masking import masked
from consents.models import Consent
from tests.support.operator import events_since, last_event, mark, messages_of, page

case = pytest.mark.case
IBAN = "AE070331234567890123456"


@pytest.fixture
def consent(granted) -> Consent:
    return Consent.objects.get()


@case("AD-12")
def test_account_numbers_are_masked(auditor, consent):
    Consent.objects.update(
        authorization_details=[{"type": "payment_initiation", "creditor": {"iban": IBAN}}],
        choices={
            "accounts": [{"iban": "AE07 0331 2345 6789 0123 456", "card": "4111111111111111"}]
        },
        request_object="eyJhbGciOiJQUzI1NiJ9.canary.canary",
        request_object_key="thumbprint-of-the-key",
    )

    shown = auditor.get(page(Consent, "change", consent.pk)).content.decode()

    for secret in (IBAN, "0331 2345", "4111111111111111", "canary"):
        assert secret not in shown
    assert shown.count("•••• 3456") == 2
    assert shown.count("•••• 1111") == 1
    assert "thumbprint-of-the-key" in shown


@case("AD-12")
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("AE070331234567890123456", "•••• 3456"),
        ("GB29 NWBK 6016 1331 9268 19", "•••• 6819"),
        ("4111 1111 1111 1111", "•••• 1111"),
        ("pay 4111111111111111 now", "pay •••• 1111 now"),
        ("150.00", "150.00"),
        ("2027-11-30T12:00:00Z", "2027-11-30T12:00:00Z"),
        ("urn:openfinanceuae:account-access-consent:v2.1", None),
        ("0b6ae2a4-6f1c-4bb8-9a55-0c1d2e3f4a5b", None),
    ],
)
def test_what_is_masked_and_what_is_not(value, shown):
    assert masked({"a": [value]}) == {"a": [value if shown is None else shown]}


@case("LO-06")
@pytest.mark.parametrize(
    ("verb", "state", "event"),
    [
        ("hold", "Suspended", "consent.suspended"),
        ("stop", "Revoked", "consent.revoked"),
    ],
)
def test_an_operator_ends_the_use_of_a_consent_at_once(
    operator, tpp, granted, consent, verb, state, event
):
    told = operator.get(page(Consent, "do", consent.pk, verb)).content.decode()
    assert "live tokens that are refused: 1." in told
    assert tpp.refresh(granted["refresh_token"]).status_code == 200
    before = mark()

    operator.presses(consent, verb)

    consent.refresh_from_db()
    assert consent.state == state
    assert events_since(before) == [event]
    assert last_event().actor == "operator"
    assert tpp.refresh(granted["refresh_token"]).status_code == 400


def test_a_consent_on_hold_can_be_used_again(operator, tpp, granted, consent):
    operator.presses(consent, "hold")

    operator.presses(consent, "resume")

    consent.refresh_from_db()
    assert consent.state == "Authorized"
    assert tpp.refresh(granted["refresh_token"]).status_code == 200


def test_a_consent_that_was_stopped_meanwhile_is_told_so(operator, consent, monkeypatch):
    """The person was quicker: the page was opened before, the button pressed after."""
    from consents import actions
    from consents.states import IllegalTransition

    def too_late(*args, **kwargs):
        raise IllegalTransition("too late")

    for verb, action in (("hold", "suspend"), ("stop", "revoke")):
        monkeypatch.setattr(actions, action, too_late)
        before = mark()
        response = operator.presses(consent, verb)
        assert messages_of(response)[0].startswith("It ")
        assert events_since(before) == []


@pytest.mark.parametrize("asked", ["id", "tpp", "mariam"])
def test_a_consent_is_found(auditor, consent, asked):
    asked = str(consent.pk) if asked == "id" else asked

    found = auditor.get(page(Consent, "changelist"), {"q": asked}).context["cl"].result_list

    assert list(found) == [consent]


def test_a_consent_is_never_edited(boss, consent):
    address = page(Consent, "change", consent.pk)

    assert boss.http.post(address, {"state": "Authorized", "scope": "x"}).status_code == 403
    assert boss.http.post(page(Consent, "delete", consent.pk)).status_code == 403
    assert Consent.objects.get().scope == consent.scope
