"""What a session proved lasts as long as that by which it was proved.

Whoever takes it away, by whatever door, every open session falls to the strength that remains.
"""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client as Http
from django.urls import reverse

from authserver.accounts import acr, actions
from authserver.accounts.models import User
from authserver.protocol import jose
from tests.support.allauth_insides import delete_as_allauth_does
from tests.support.operator import Operator
from tests.support.person import Person

case = pytest.mark.case
requirement = pytest.mark.requirement
ANOTHER = "KRSXG5CTMVRXEZLU"


@pytest.fixture
def session(guest, mariam):
    """Mariam's browser, in which she proved two factors."""
    guest.signs_in()
    assert guest.authentication.acr == acr.ACR_TWO_FACTORS
    return guest


def by_an_operator(mariam):
    boss = Operator(User.objects.create_superuser("boss", password="x"))
    boss.presses(mariam, "remove-second-factor")


def by_herself_elsewhere(mariam):
    other = Http()
    Person(mariam, other).sign_in()
    other.post(reverse("mfa_deactivate_totp"))


def by_another_app(mariam):
    actions.give_second_factor(mariam, secret=ANOTHER, by="load_demo")


def by_a_row(mariam):
    Authenticator.objects.filter(user=mariam, type="totp").delete()


def by_allauth(mariam):
    delete_as_allauth_does(Authenticator.objects.get(user=mariam, type="totp"))


REMOVALS = [by_an_operator, by_herself_elsewhere, by_another_app, by_a_row, by_allauth]
DOORS = ["account_change_password", "admin:index"]


@case("LG-07", "AD-13")
@pytest.mark.parametrize("remove", REMOVALS, ids=lambda each: each.__name__)
def test_an_open_session_falls_to_the_strength_that_remains(session, mariam, remove):
    remove(mariam)

    found = session.authentication
    assert (found.acr, found.amr) == (acr.ACR_ONE_FACTOR, ("pwd",))
    assert session.opens("account_home").status_code == 200


@case("LG-07", "AD-13")
@pytest.mark.parametrize("remove", REMOVALS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("door", DOORS)
def test_every_door_of_two_factors_is_shut(session, mariam, remove, door):
    User.objects.filter(pk=mariam.pk).update(is_staff=True)
    assert session.opens(door).status_code == 200
    User.objects.filter(pk=mariam.pk).update(is_staff=False)
    remove(mariam)
    User.objects.filter(pk=mariam.pk).update(is_staff=True)

    assert "/second-factor/" in session.opens(door)["Location"]


@case("LG-07")
def test_a_journey_asks_for_the_factor_again(session, mariam, tpp):
    person = Person(mariam, session.http)
    request_uri = tpp.push().json()["request_uri"]
    assert b'name="decision"' in person.opens(tpp, request_uri).content

    actions.remove_second_factor(mariam, by="operator")

    asked = person.opens(tpp, tpp.push().json()["request_uri"])
    assert asked.request["PATH_INFO"] == reverse("mfa_activate_totp")


@case("LG-08")
def test_what_is_fresh_of_a_factor_that_is_gone_resets_nothing(session, mariam):
    by_another_app(mariam)

    assert session.opens("mfa_deactivate_totp")["Location"].startswith(
        reverse("mfa_reauthenticate")
    )


@case("LG-07")
def test_a_record_that_names_no_factor_proves_none(session, mariam):
    kept = session.http.session
    for each in kept["account_authentication_methods"]:
        each.pop("id", None)
    kept.save()

    assert session.authentication.acr == acr.ACR_ONE_FACTOR


@case("LG-07")
def test_anothers_factor_proves_nothing_of_hers(session, mariam, yusuf):
    actions.add_second_factor(yusuf, secret=ANOTHER, by="test")
    kept = session.http.session
    for each in kept["account_authentication_methods"]:
        each["id"] = Authenticator.objects.get(user=yusuf, type="totp").pk
    kept.save()

    assert session.authentication.acr == acr.ACR_ONE_FACTOR


def recovery_code_of(user):
    held = Authenticator.objects.get(user=user, type="recovery_codes")
    return held.wrap().get_unused_codes()[0]


@pytest.fixture
def recovered(guest, mariam):
    """Mariam's browser after a recovery code."""
    guest.enters_password("mariam")
    assert guest.enters_code(recovery_code_of(mariam)).status_code == 303
    return guest


@requirement("OIDCC-2", "RFC8176-2")
def test_a_recovery_code_is_no_otp(recovered):
    found = recovered.authentication

    assert found.amr == ("pwd", "mfa")
    assert found.acr == acr.ACR_TWO_FACTORS


@requirement("OIDCC-2", "RFC8176-2")
def test_the_client_is_told_so(recovered, mariam, tpp):
    person = Person(mariam, recovered.http)
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]

    told = jose.read(tpp.redeem(code).json()["id_token"], purpose=jose.Purpose.ID_TOKEN).claims
    assert told is not None
    assert told["amr"] == ["pwd", "mfa"]


@requirement("OIDCC-2")
def test_the_app_shown_after_it_is_an_otp(recovered, app):
    recovered.http.post(reverse("mfa_reauthenticate"), {"code": app.code()})

    assert recovered.authentication.amr == ("pwd", "otp", "mfa")


@case("LG-07")
def test_new_recovery_codes_end_what_an_old_one_opened_elsewhere(recovered, mariam):
    actions.renew_recovery_codes(mariam, by="mariam")

    assert recovered.authentication.acr == acr.ACR_ONE_FACTOR


@case("LG-07")
def test_who_renews_them_by_one_of_them_stays_and_sees_them(recovered, mariam):
    shown = recovered.http.post(reverse("mfa_generate_recovery_codes"), follow=True)

    assert recovery_code_of(mariam)[:4] in shown.content.decode()
    assert recovered.authentication.amr == ("pwd", "mfa")


@case("LG-07")
def test_recovery_codes_without_an_app_are_nothing(recovered, mariam):
    by_a_row(mariam)

    assert recovered.authentication.acr == acr.ACR_ONE_FACTOR


def test_it_costs_no_statement(session, django_assert_num_queries):
    """The session, the person with what they hold, and the ecosystem that heads the page."""
    with django_assert_num_queries(3):
        session.opens("account_home")
