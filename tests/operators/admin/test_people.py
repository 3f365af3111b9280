"""People and operators: no hash, no secret, and no way to give oneself more."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group

from authserver.accounts import actions, roles
from authserver.accounts.code_budget import BUDGET, WAITS
from authserver.accounts.models import Enrolment, User, WrongCodes
from tests.support import world
from tests.support.operator import (
    Operator,
    errors_of,
    events_since,
    last_event,
    mark,
    page,
    saved,
)

case = pytest.mark.case
PASSWORD = "marble-lantern-otter-51"


@pytest.fixture
def mariam(openfinance) -> User:
    made = world.person("mariam", openfinance)
    actions.add_second_factor(made, secret="JBSWY3DPEHPK3PXP", by="test")
    return made


@pytest.fixture
def colleague(db) -> User:
    return User.objects.create_superuser("colleague", password="x")


@case("AD-12", "AD-13")
def test_neither_hash_nor_secret_is_shown(boss, mariam):
    hashed = User.objects.get(pk=mariam.pk).password
    secrets = [hashed, hashed.rpartition("$")[2], "JBSWY3DPEHPK3PXP"]
    secrets += [each.data.get("secret", "-" * 40) for each in Authenticator.objects.all()]

    for name, args in (("changelist", ()), ("change", (mariam.pk,)), ("export", ())):
        shown = boss.get(page(User, name, *args)).content.decode()
        assert "mariam" in shown
        assert not [secret for secret in secrets if secret in shown]


def test_a_person_is_made_and_enrolled(boss, openfinance):
    before = mark()

    saved(boss.adds(User, username="sara", display_name="Sara", new_password=PASSWORD))
    sara = User.objects.get(username="sara")
    told = boss.adds(Enrolment, user=sara.pk, ecosystem=openfinance.pk, person_id="C-1")
    saved(told)

    assert sara.check_password(PASSWORD)
    assert not sara.is_staff
    assert Enrolment.objects.get().person_id == "C-1"
    assert events_since(before) == ["person.registered", "person.enrolled"]
    assert PASSWORD not in str([event.facts for event in [last_event()]])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "mariam"),
        ("username", "two words"),
        ("new_password", ""),
        ("new_password", "12345678"),
        ("new_password", "short"),
    ],
)
def test_what_cannot_be_is_refused(boss, mariam, field, value):
    typed = {"username": "sara", "new_password": PASSWORD, field: value}

    assert field in errors_of(boss.adds(User, **typed))
    assert not User.objects.filter(username="sara").exists()


def test_a_new_password_is_set_and_recorded_without_its_value(boss, mariam):
    before = mark()

    saved(boss.changes(mariam, new_password=PASSWORD))

    mariam.refresh_from_db()
    assert mariam.check_password(PASSWORD)
    assert events_since(before) == ["person.changed"]
    [before, after] = last_event().facts["changed"]["password"]
    assert before.startswith("sha256:")
    assert after.startswith("sha256:")
    assert before != after


@case("AD-03")
def test_a_superuser_gives_rights_to_others(boss, mariam):
    auditors = Group.objects.get(name=roles.AUDITORS)
    before = mark()

    saved(boss.changes(mariam, is_staff="on", in_groups=[auditors.pk]))

    mariam.refresh_from_db()
    assert mariam.is_staff
    assert list(mariam.groups.all()) == [auditors]
    assert events_since(before) == ["person.changed", "person.changed"]
    assert last_event().facts == {"changed": {"groups": ["", f"['{roles.AUDITORS}']"]}}


@case("AD-03")
def test_nobody_changes_the_own_rights(boss, mariam):
    group = Group.objects.get(name=roles.AUDITORS)
    typed = {"username": "boss", "in_groups": [group.pk], "new_password": PASSWORD}

    assert boss.http.post(page(User, "change", boss.user.pk), typed).status_code == 403

    boss.user.refresh_from_db()
    assert boss.user.is_superuser
    assert not boss.user.groups.exists()
    assert not boss.user.check_password(PASSWORD)


@case("AD-13")
def test_nobody_takes_over_a_colleague(boss, colleague):
    """A password or a second factor of a colleague's would be the colleague's name in the trail."""
    actions.add_second_factor(colleague, secret="JBSWY3DPEHPK3PXP", by="test")

    saved(boss.changes(colleague, new_password=PASSWORD))
    refused = boss.presses(colleague, "remove-second-factor")

    colleague.refresh_from_db()
    assert not colleague.check_password(PASSWORD)
    assert "not possible any more" in refused.content.decode()
    assert Authenticator.objects.filter(user=colleague, type="totp").exists()


@case("AD-13", "AD-03")
def test_who_may_change_people_but_is_no_superuser_gives_no_rights(mariam, colleague):
    from django.contrib.auth.models import Permission

    desk = User.objects.create_user("desk", is_staff=True)
    codenames = ["view_user", "add_user", "change_user", "delete_user"]
    desk.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    helper = Operator(desk)

    saved(helper.changes(mariam, display_name="M.", is_staff="on", is_superuser="on"))
    mariam.refresh_from_db()
    assert (mariam.display_name, mariam.is_staff, mariam.is_superuser) == ("M.", False, False)
    assert helper.http.post(page(User, "change", colleague.pk)).status_code == 403
    assert helper.http.post(page(User, "change", desk.pk)).status_code == 403
    assert helper.presses(mariam, "switch-off").status_code == 403
    assert helper.presses(mariam, "remove-second-factor").status_code == 403


@case("AD-13", "LO-06")
def test_a_lost_second_factor_is_taken_away_from_a_person(boss, mariam):
    before = mark()

    boss.presses(mariam, "remove-second-factor")

    assert not Authenticator.objects.filter(user=mariam).exists()
    assert events_since(before) == ["login.factor_removed"]
    assert last_event().actor == "boss"


def test_switching_off_ends_everything_at_once(boss, tpp, granted, person):
    told = boss.get(page(User, "do", person.user.pk, "switch-off")).content.decode()
    assert "live consents that stop working: 1." in told
    before = mark()

    boss.presses(person.user, "switch-off")

    assert tpp.refresh(granted["refresh_token"]).status_code == 400
    assert events_since(before)[0] == "person.changed"
    boss.presses(person.user, "switch-on")
    assert tpp.refresh(granted["refresh_token"]).status_code == 200


def test_an_enrolment_is_ended_and_renewed(operator, mariam):
    enrolment = mariam.enrolments.get()
    before = mark()

    operator.presses(enrolment, "end")
    enrolment.refresh_from_db()
    assert not enrolment.is_active
    address = page(Enrolment, "change", enrolment.pk)
    assert operator.http.post(address, {"person_id": "x"}).status_code == 403
    operator.presses(enrolment, "renew")

    enrolment.refresh_from_db()
    assert enrolment.is_active
    assert events_since(before) == ["person.unenrolled", "person.enrolled"]


def test_a_number_at_the_bank_is_corrected_and_the_person_stays(operator, mariam, colleague):
    enrolment = mariam.enrolments.get()

    saved(operator.changes(enrolment, person_id="C-2", user=colleague.pk))

    enrolment.refresh_from_db()
    assert (enrolment.person_id, enrolment.user) == ("C-2", mariam)


@pytest.mark.case("AD-01")
def test_the_groups_are_what_their_names_say(db):
    Group.objects.all().delete()

    roles.set_up()
    roles.set_up()

    auditors = Group.objects.get(name=roles.AUDITORS)
    operators = Group.objects.get(name=roles.OPERATORS)
    codenames = auditors.permissions.values_list("codename", flat=True)
    assert codenames
    assert all(each.startswith("view_") for each in codenames)
    more = set(operators.permissions.all()) - set(auditors.permissions.all())
    assert {each.codename for each in more} >= {"change_client", "add_participant"}
    deleting = {each.codename for each in more if each.codename.startswith("delete")}
    assert deleting == {"delete_contact"}
    assert not {each.codename for each in more} & {"add_user", "change_user", "add_signingkey"}


@pytest.fixture
def blocked(mariam) -> User:
    """After so many wrong codes that only an operator helps."""
    WrongCodes.objects.create(user=mariam, spent=BUDGET)
    return mariam


@case("LG-06", "AD-16")
def test_the_block_of_codes_is_lifted_once_and_noted(boss, blocked):
    before = mark()
    asked = boss.get(page(User, "do", blocked.pk, "lift-the-block")).content.decode()
    assert "give a new one first" in asked
    assert WrongCodes.objects.get().spent == BUDGET

    told = boss.presses(blocked, "lift-the-block").content.decode()

    assert "Codes of Mariam Haddad are looked at again." in told
    assert not WrongCodes.objects.exists()
    assert Authenticator.objects.filter(user=blocked).exists()  # the factor stays
    assert events_since(before) == ["login.factor_unblocked"]
    event = last_event()
    assert (event.actor, event.subject) == ("boss", str(blocked.uid))
    again = boss.presses(blocked, "lift-the-block").content.decode()
    assert "That is not possible any more" in again
    assert events_since(before) == ["login.factor_unblocked"]


@case("LG-06", "AD-03", "AD-13")
@pytest.mark.parametrize("who", ["operator", "auditor", "visitor", "colleague with one factor"])
def test_nobody_but_a_superuser_lifts_the_block(request, blocked, colleague, who):
    if who == "colleague with one factor":
        presser = Operator(colleague)
        presser.sign_in(factors=1)
    elif who == "visitor":
        presser = Operator(blocked)
    else:
        presser = request.getfixturevalue(who)
    before = mark()
    url = page(User, "do", blocked.pk, "lift-the-block")

    for answer in (presser.get(url), presser.http.post(url)):
        assert answer.status_code == (303 if who == "colleague with one factor" else 403)
        assert b"confirm" not in answer.content.lower()

    assert WrongCodes.objects.get().spent == BUDGET
    assert "login.factor_unblocked" not in events_since(before)
    button = presser.get(page(User, "change", blocked.pk)).content
    assert b"lift-the-block" not in button


@case("LG-06", "AD-13")
def test_nobody_lifts_their_own_block(boss, colleague):
    WrongCodes.objects.create(user=boss.user, spent=BUDGET)

    assert boss.presses(boss.user, "lift-the-block").status_code == 403
    assert WrongCodes.objects.get().spent == BUDGET
    assert b"lift-the-block" not in boss.get(page(User, "change", boss.user.pk)).content
    Operator(colleague).presses(boss.user, "lift-the-block")
    assert not WrongCodes.objects.exists()


@case("LG-06")
def test_the_button_is_there_where_a_code_was_blocked(boss, mariam):
    url = page(User, "change", mariam.pk)
    for spent, offered in ((min(WAITS) - 1, False), (min(WAITS), True), (BUDGET, True)):
        WrongCodes.objects.update_or_create(user=mariam, defaults={"spent": spent})
        assert (b"lift-the-block" in boss.get(url).content) is offered


@pytest.mark.parametrize(
    ("asked", "found_as"),
    [
        ("MARIAM", "username"),
        ("Mariam@Example.com", "e-mail address"),
        ("C-7", "identifier at the bank"),
        ("mar", "beginning of a username"),
        ("MÁRIAM AL", "beginning of a name"),
    ],
)
def test_a_person_is_found(auditor, openfinance, mariam, asked, found_as):
    world.person("sara", openfinance)
    changed = {"email": "mariam@example.com", "display_name": "MÁRIAM Al Farsi"}
    User.objects.filter(pk=mariam.pk).update(**changed)
    Enrolment.objects.filter(user=mariam).update(person_id="C-7")

    shown = auditor.get(page(User, "changelist"), {"q": asked}).context["cl"]

    assert list(shown.result_list) == [mariam]
    assert shown.matches[0].search.name == found_as


@pytest.mark.parametrize("asked", ["m", "ariam", "mar%", "C-", "%"])
def test_nobody_is_found_by_what_stands_inside(auditor, mariam, asked):
    shown = auditor.get(page(User, "changelist"), {"q": asked}).context["cl"]

    assert list(shown.result_list) == []


def test_whom_an_enrolment_is_for_is_offered_by_how_the_name_begins(boss, openfinance, mariam):
    world.person("sara", openfinance)
    asked = {"app_label": "accounts", "model_name": "enrolment", "field_name": "user"}

    offered = boss.get("/admin/autocomplete/", asked | {"term": "mar"}).json()

    assert [each["id"] for each in offered["results"]] == [str(mariam.pk)]
    assert offered["pagination"] == {"more": False}


def test_an_enrolment_is_found_by_person_and_identifier(auditor, openfinance, mariam):
    world.person("sara", openfinance)
    enrolment = mariam.enrolments.get()

    for asked in ("Mariam", enrolment.person_id):
        shown = auditor.get(page(Enrolment, "changelist"), {"q": asked}).context["cl"]
        assert list(shown.result_list) == [enrolment]
