"""Participants: registered, changed, let in, suspended with all that they run."""

import pytest

from authserver.audit.models import AuditEvent
from clients.models import Contact, Participant
from tests.operators.admin.registering import register
from tests.support import world
from tests.support.operator import errors_of, events_since, last_event, mark, page, saved

case = pytest.mark.case
requirement = pytest.mark.requirement
CONTACT = {
    "contacts-TOTAL_FORMS": "1",
    "contacts-0-kind": "technical",
    "contacts-0-name": "Desk",
    "contacts-0-email": "desk@newcomer.example",
}


def test_a_participant_is_registered_pending_with_its_contacts(operator, openfinance):
    before = mark()

    response = register(operator, openfinance, **CONTACT)

    made = Participant.objects.get(legal_name="Newcomer Limited")
    assert saved(response) == page(Participant, "change", made.pk)
    assert made.state == "pending"
    assert made.roles == ["tpp", "resource_server"]
    assert made.contacts.get().email == "desk@newcomer.example"
    assert events_since(before) == ["participant.registered", "participant.changed"]
    facts = last_event().facts
    assert (facts["name"], facts["contact"], facts["kept"]) == ("Newcomer", "technical", True)
    assert facts["changed"]["email"] == ["", "desk@newcomer.example"]


@requirement("FFI-19")
def test_one_participant_asks_and_answers_and_is_called_back(operator, openfinance):
    address = "https://newcomer.example/notifications"

    response = register(
        operator, openfinance, roles="requestor\nrespondent", notification_url=address
    )

    made = Participant.objects.get(legal_name="Newcomer Limited")
    assert made.roles == ["requestor", "respondent"]
    assert made.notification_url == address
    assert address in operator.get(saved(response)).content.decode()


@case("AD-03", "AD-07")
@requirement("FFI-19")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("legal_name", ""),
        ("legal_name", "Bank Limited"),
        ("website", "javascript:alert(1)"),
        ("website", "http://newcomer.example"),
        ("notification_url", "http://newcomer.example/notifications"),
        ("notification_url", "javascript:alert(1)"),
        ("trading_name", "x" * 101),
        ("roles", "x" * 501),
    ],
)
def test_what_cannot_stand_there_is_refused(operator, openfinance, bank, field, value):
    before = mark()

    response = register(operator, openfinance, **{field: value})

    errors = errors_of(response)
    assert set(errors) <= {field, "__all__"}
    assert events_since(before) == []


@case("AD-03")
def test_the_state_is_no_field(operator, openfinance):
    register(operator, openfinance, state="active", created_at="2020-01-01")

    assert Participant.objects.get(legal_name="Newcomer Limited").state == "pending"


@case("LO-06")
def test_a_change_is_recorded_and_its_ecosystem_stays(operator, tpp, uae):
    owner = tpp.client.participant
    before = mark()

    assert saved(operator.changes(owner, trading_name="Renamed", ecosystem=uae.pk))

    owner.refresh_from_db()
    assert (owner.trading_name, owner.ecosystem) == ("Renamed", tpp.ecosystem)
    assert events_since(before) == ["participant.changed"]
    assert last_event().facts["changed"] == {"trading_name": ["Tpp", "Renamed"]}


@case("AD-04", "AD-02")
@pytest.mark.parametrize("forged", [{}, {"contacts-0-DELETE": "on"}], ids=["taken over", "deleted"])
def test_a_contact_of_another_participant_is_out_of_reach(operator, tpp, other_tpp, forged):
    theirs = Contact.objects.create(
        participant=other_tpp.client.participant, kind="security", name="S", email="s@o.example"
    )
    stored = Contact.objects.values().get()

    operator.changes(
        tpp.client.participant,
        **{
            **CONTACT,
            "contacts-INITIAL_FORMS": "1",
            "contacts-0-id": theirs.pk,
            "contacts-0-participant": tpp.client.participant.pk,
            **forged,
        },
    )

    assert Contact.objects.values().get() == stored


def test_a_contact_can_be_taken_away(operator, openfinance):
    register(operator, openfinance, **CONTACT)
    made = Participant.objects.get(legal_name="Newcomer Limited")
    before = mark()

    assert saved(operator.changes(made, **{"contacts-0-DELETE": "on"}))

    assert not made.contacts.exists()
    assert events_since(before) == ["participant.changed"]


@case("LO-06")
def test_suspending_says_what_it_breaks_and_refuses_everything_at_once(operator, tpp, granted):
    owner = tpp.client.participant
    told = operator.get(page(Participant, "do", owner.pk, "suspend")).content.decode()
    for sentence in (
        "1 active client is refused at once.",
        "Live consents that stop working for people: 1.",
        "Access tokens that are refused from now on: 1.",
    ):
        assert sentence in told
    before = mark()
    assert tpp.push().status_code == 201

    operator.presses(owner, "suspend")

    assert tpp.push().status_code == 401
    assert tpp.refresh(granted["refresh_token"]).status_code == 401
    operator.presses(owner, "activate")
    assert tpp.push().status_code == 201
    ours = [name for name in events_since(before) if name.startswith("participant")]
    assert ours == ["participant.suspended", "participant.activated"]


def test_a_participant_with_clients_cannot_be_removed(boss, tpp, openfinance):
    unused = world.participant("Unused", ecosystem=openfinance)
    before = mark()

    response = boss.presses(tpp.client.participant, "remove")
    assert "not possible any more" in response.content.decode()
    boss.presses(unused, "remove")

    assert set(Participant.objects.values_list("trading_name", flat=True)) == {"Bank", "Tpp"}
    assert events_since(before) == ["participant.removed"]


def test_its_history_is_its_part_of_the_trail(operator, tpp):
    owner = tpp.client.participant
    operator.changes(owner, trading_name="Renamed")

    response = operator.http.get(page(Participant, "history", owner.pk), follow=True)

    [event] = response.context["cl"].result_list
    assert event == AuditEvent.objects.first()
    assert event.event == "participant.changed"


@pytest.mark.parametrize("asked", ["Tpp", "Tpp Limited", "tpp"])
def test_a_participant_is_found_by_its_names_and_its_clients(operator, tpp, other_tpp, asked):
    found = operator.get(page(Participant, "changelist"), {"q": asked}).context["cl"].result_list

    assert [row.trading_name for row in found] == ["Tpp"]
