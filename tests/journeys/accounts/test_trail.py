"""What happens to a login is in the audit trail, and no secret is."""

from unittest.mock import ANY

import pytest
from django.urls import reverse

from authserver.accounts import actions
from authserver.accounts.models import Enrolment
from authserver.audit.models import AuditEvent, Tally
from tests.support.guest import PASSWORD

case = pytest.mark.case


def events(*names):
    found = AuditEvent.objects.filter(event__in=names).order_by("pk")
    return [(each.event, each.actor, each.subject, each.facts) for each in found]


@case("LO-06")
def test_a_login_is_recorded_when_it_is_complete(guest, mariam, app):
    guest.http.defaults["HTTP_X_REAL_IP"] = "192.0.2.7"
    guest.enters_password("mariam")
    assert events("login.succeeded") == []

    guest.enters_code(app.code())

    facts = {"acr": "urn:openbanking:psd2:sca", "address": "192.0.2.7"}
    assert events("login.succeeded") == [("login.succeeded", "mariam", str(mariam.uid), facts)]


@case("LO-06")
def test_failures_are_recorded_with_the_factor(guest, mariam):
    guest.enters_password("mariam", "wrong")
    guest.enters_password("mariam")
    guest.enters_code("000000")

    uid = str(mariam.uid)
    assert events("login.failed") == [
        ("login.failed", "", uid, {"factor": "password", "address": ""}),
        ("login.failed", "", uid, {"factor": "totp", "address": ""}),
    ]


@case("LO-01")
def test_a_name_that_is_nobodys_is_counted_and_not_kept(guest, db, caplog):
    for number in range(3):
        guest.enters_password(f"my-password-by-mistake-{number}", "wrong")

    assert events("login.failed") == []
    tallies = [(each.event, each.times) for each in Tally.objects.all()]
    assert tallies == [("login.failed", 3)]
    assert caplog.text.count("login.failed") == 3
    assert "my-password-by-mistake" not in caplog.text


@case("LO-06")
def test_signing_out_is_recorded(guest, mariam):
    guest.signs_in()
    guest.http.post(reverse("account_logout"))

    assert events("login.ended") == [("login.ended", "mariam", str(mariam.uid), {})]


def test_a_changed_password_is_recorded(guest, mariam):
    guest.signs_in()
    form = {"oldpassword": PASSWORD, "password1": "battery staple", "password2": "battery staple"}
    guest.http.post(reverse("account_change_password"), form)

    assert events("login.password_changed") == [
        ("login.password_changed", "mariam", str(mariam.uid), {})
    ]


def test_rows_carry_the_interaction_id(guest, mariam):
    chosen = "6f1cbd0e-6f7c-4a79-b2a1-2f5ee2a1c7d4"
    guest.http.defaults["HTTP_X_FAPI_INTERACTION_ID"] = chosen

    guest.enters_password("mariam", "wrong")

    assert AuditEvent.objects.get(event="login.failed").interaction_id == chosen


@case("LO-01")
def test_no_secret_reaches_the_trail(guest, mariam, app):
    code = app.code()
    guest.enters_password("mariam", "canary-password")
    guest.enters_password("mariam")
    guest.enters_code(code)

    everything = str(list(AuditEvent.objects.values()))
    assert "mariam" in everything
    for secret in ("canary-password", PASSWORD, app.secret, f"'{code}'"):
        assert secret not in everything


def test_enrolment_is_recorded_and_can_end(yusuf, uae):
    actions.enrol(yusuf, ecosystem=uae, person_id="p-1", by="operator", name_at_bank="Yusuf A.")
    assert actions.unenrol(yusuf, ecosystem=uae, by="operator")
    assert not actions.unenrol(yusuf, ecosystem=uae, by="operator")

    uid = str(yusuf.uid)
    assert events("person.enrolled", "person.unenrolled") == [
        ("person.enrolled", "operator", uid, {"changed": ANY}),
        ("person.unenrolled", "operator", uid, {"changed": {"is_active": ["True", "False"]}}),
    ]
    [(*_, facts)] = events("person.enrolled")
    assert facts["changed"]["person_id"] == ["", "p-1"]
    assert facts["changed"]["name_at_bank"] == ["", "Yusuf A."]
    assert not Enrolment.objects.get(user=yusuf, ecosystem=uae).is_active


def test_enrolling_again_lets_a_person_back_in(yusuf, uae):
    actions.enrol(yusuf, ecosystem=uae, person_id="p-1", by="operator")
    actions.unenrol(yusuf, ecosystem=uae, by="operator")

    again = actions.enrol(yusuf, ecosystem=uae, person_id="p-2", by="operator")

    assert (again.is_active, again.person_id) == (True, "p-2")
    assert Enrolment.objects.filter(user=yusuf, ecosystem=uae).count() == 1


def test_an_operator_can_take_a_lost_factor_away(mariam):
    assert actions.remove_second_factor(mariam, by="operator")
    assert not actions.remove_second_factor(mariam, by="operator")

    assert events("login.factor_removed")[0][1] == "operator"
