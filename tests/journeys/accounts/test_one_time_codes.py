"""A code is right for ninety seconds and works once in them (RFC 6238, 5.2)."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from authserver.accounts import one_time_codes
from tests.support.authenticator_app import App

case = pytest.mark.case


@case("LG-06")
def test_a_code_works_once(guest, mariam, app):
    code = app.code()
    guest.enters_password("mariam")
    assert guest.enters_code(code).status_code == 303
    guest.http.cookies.clear()

    guest.enters_password("mariam")
    again = guest.enters_code(code)

    assert again.status_code == 200
    assert again.context["form"].errors.as_data()["code"][0].code == "incorrect_code"
    assert guest.authentication is None


@case("LG-06")
def test_a_used_code_stays_dead_while_its_time_lasts(guest, mariam, app, clock):
    code = app.code()
    guest.signs_in()
    guest.http.cookies.clear()
    guest.enters_password("mariam")

    clock.wait(31)

    assert one_time_codes.step_of(code, secret=App.secret) is not None
    assert guest.enters_code(code).status_code == 200


@case("LG-06")
@pytest.mark.parametrize(("steps", "status"), [(-2, 200), (-1, 303), (0, 303), (1, 303), (2, 200)])
def test_a_clock_may_be_wrong_by_one_step(guest, mariam, app, steps, status):
    guest.enters_password("mariam")

    assert guest.enters_code(app.code(steps=steps)).status_code == status


@case("LG-06")
def test_after_a_code_no_earlier_one_works(guest, mariam, app):
    guest.enters_password("mariam")
    assert guest.enters_code(app.code(steps=1)).status_code == 303
    guest.http.cookies.clear()
    guest.enters_password("mariam")

    assert guest.enters_code(app.code()).status_code == 200


def test_a_recovery_code_works_once(guest, mariam):
    kept = Authenticator.objects.get(user=mariam, type=Authenticator.Type.RECOVERY_CODES)
    first, second, *_ = kept.wrap().get_unused_codes()
    outcomes = []
    for code in (first, first, f"{second[:4]} {second[4:]}"):
        guest.http.cookies.clear()
        guest.enters_password("mariam")
        outcomes.append(guest.enters_code(code).status_code)

    assert outcomes == [303, 200, 303]


def test_a_code_may_be_typed_in_arabic_digits(guest, mariam, app):
    guest.enters_password("mariam")
    arabic = app.code().translate({ord("0") + digit: 0x660 + digit for digit in range(10)})

    assert guest.enters_code(f"{arabic[:3]} {arabic[3:]}").status_code == 303


def test_a_code_of_somebody_else_does_not_work(guest, mariam, app):
    guest.enters_password("mariam")

    assert guest.enters_code(app.code(secret="A" * 32)).status_code == 200


@pytest.mark.parametrize("code", ["", " ", "12345", "abcdef", "½½½½½½", "0" * 21])
def test_what_is_no_code_is_refused_in_words(guest, mariam, code):
    guest.enters_password("mariam")

    response = guest.http.post(reverse("mfa_authenticate"), {"code": code})

    assert response.status_code == 200
    assert response.context["form"].errors["code"]
