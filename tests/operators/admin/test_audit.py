"""The trail and the refusals: found by whoever asks why, changed by nobody."""

import pytest

from authserver.audit.models import AuditEvent, Refusal
from tests.support.operator import page

case = pytest.mark.case


def found(operator, model, **query):
    return list(operator.get(page(model, "changelist"), query).context["cl"].result_list)


@case("LO-05")
def test_why_was_this_refused_is_answered_by_the_interaction_id(auditor, tpp):
    tpp.headers = {"X-Real-IP": "198.51.100.7"}
    refused = tpp.push(code_challenge=None)
    tpp.push(scope="unknown")
    asked = refused["x-fapi-interaction-id"]

    [refusal] = found(auditor, Refusal, q=asked)

    assert refusal.interaction_id == asked
    shown = auditor.get(page(Refusal, "change", refusal.pk)).content.decode()
    assert "FAPI2-SP-FINAL-5.3.2.2-5" in shown
    assert "code_challenge is required" in shown
    assert "198.51.100.7" in shown
    assert 'href="https://openid.net/specs/fapi-security-profile-2_0-final.html' in shown


@case("LO-05")
@pytest.mark.parametrize(
    "query",
    [
        {"q": "tpp"},
        {"q": "FAPI2-SP-FINAL-5.3.2.2-5"},
        {"clause": "FAPI2-SP-FINAL-5.3.2.2-5"},
        {"endpoint": "/par", "q": "invalid_request"},
        {"ecosystem": "openfinance"},
        {"q": "198.51.100.7"},
    ],
    ids=["client", "clause", "clause by link", "error", "ecosystem", "address"],
)
def test_refusals_are_found_by_client_clause_error_and_address(auditor, tpp, query):
    tpp.headers = {"X-Real-IP": "198.51.100.7"}
    tpp.push(code_challenge=None)

    assert len(found(auditor, Refusal, **query)) == 1
    assert found(auditor, Refusal, **{**query, "q": "nobody"}) == []


@pytest.mark.parametrize(
    ("query", "events"),
    [
        ({"about": "participant"}, {"participant.suspended"}),
        ({"q": "boss", "about": "client"}, {"client.suspended"}),
        ({"q": "tpp"}, {"client.suspended"}),
        ({"event": "client.suspended"}, {"client.suspended"}),
        ({"q": "nobody"}, set()),
    ],
)
def test_events_are_found_by_what_they_are_about_and_who_did_it(boss, tpp, query, events):
    boss.presses(tpp.client, "suspend")
    boss.presses(tpp.client.participant, "suspend")

    assert {row.event for row in found(boss, AuditEvent, **query)} == events


@case("AD-01")
@pytest.mark.parametrize("model", [AuditEvent, Refusal])
def test_not_even_a_superuser_changes_the_trail(boss, tpp, model):
    tpp.push(code_challenge=None)
    boss.presses(tpp.client, "suspend")
    row = model.objects.first()
    stored = list(model.objects.values())

    for name in ("change", "delete"):
        assert boss.http.post(page(model, name, row.pk), {"post": "yes"}).status_code == 403
    assert boss.http.post(page(model, "add")).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    boss.http.post(page(model, "changelist"), action)

    assert list(model.objects.values()) == stored


@case("AD-12")
def test_facts_are_shown_with_account_numbers_masked(auditor, openfinance):
    event = AuditEvent.objects.create(
        event="consent.authorized", facts={"note": "AE070331234567890123456"}
    )

    shown = auditor.get(page(AuditEvent, "change", event.pk)).content.decode()

    assert "AE070331234567890123456" not in shown
    assert "•••• 3456" in shown
