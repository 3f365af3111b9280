"""Wrong codes are counted for good: days do not give more guesses, and an operator ends it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from authserver.accounts import actions, code_budget
from authserver.accounts.code_budget import BUDGET, WAITS
from authserver.accounts.models import WrongCodes
from authserver.audit.models import AuditEvent
from tests.support.authenticator_app import App, wrong_code

case = pytest.mark.case


@pytest.fixture
def tries(guest, mariam, clock):
    """Try codes on as many days as it takes; return the code of each error."""

    def attempt(times, *, code=""):
        found = []
        for _ in range(times):
            clock.wait(301)
            WrongCodes.objects.update(blocked_until=None)  # as after any number of days
            guest.http.cookies.clear()
            guest.enters_password("mariam")
            answer = guest.enters_code(code or wrong_code())
            if answer.status_code == 303:
                found.append("signed in")
            else:
                found += [each.code for each in answer.context["form"].errors.as_data()["code"]]
        return found

    return attempt


def spent():
    return WrongCodes.objects.get().spent


@case("LG-06", "LG-01")
def test_the_budget_is_for_life_and_the_person_is_warned(tries):
    answers = tries(BUDGET + 2)

    assert answers == (["incorrect_code"] * 14 + ["few_codes_left"] * 5 + ["codes_blocked"] * 3)
    assert tries(1, code=App().code(steps=1)) == ["codes_blocked"]
    assert AuditEvent.objects.filter(event="login.factor_blocked").count() == 1


@case("LG-06", "LG-03")
@pytest.mark.parametrize("after", WAITS)
def test_each_block_is_longer(guest, mariam, clock, after):
    now = timezone.now()
    WrongCodes.objects.create(user=mariam, spent=after - 1)
    guest.enters_password("mariam")
    guest.enters_code(wrong_code())

    until = WrongCodes.objects.get().blocked_until
    assert until is not None
    assert timedelta(0) <= until - now - WAITS[after] < timedelta(minutes=1)
    blocked = guest.enters_code(App().code())
    assert blocked.context["form"].errors.as_data()["code"][0].code == "too_many_codes"
    assert spent() == after
    WrongCodes.objects.update(blocked_until=now)
    assert guest.enters_code(App().code()).status_code == 303


@case("LG-06")
@pytest.mark.parametrize(("before", "after"), [(0, 0), (3, 0), (6, 1), (18, 13), (19, 14)])
def test_a_right_code_gives_a_few_back(guest, mariam, before, after):
    WrongCodes.objects.create(user=mariam, spent=before)

    guest.enters_password("mariam")

    assert guest.enters_code(App().code()).status_code == 303
    assert spent() == after
    assert WrongCodes.objects.get().blocked_until is None


@case("LG-06")
def test_only_who_knows_the_password_spends_it(guest, mariam):
    for _ in range(4):
        guest.enters_password("mariam", "wrong")
        guest.enters_code(wrong_code())

    assert not WrongCodes.objects.exists()


@case("LG-06")
def test_every_door_that_takes_a_code_spends_the_same_budget(guest, mariam):
    guest.signs_in()
    guest.http.post(reverse("mfa_reauthenticate"), {"code": wrong_code()})

    assert spent() == 1
    guest.http.cookies.clear()
    guest.enters_password("mariam")
    guest.enters_code(wrong_code())
    assert spent() == 2
    guest.enters_code("12345678")  # a recovery code that is none
    assert spent() == 3


@case("LG-06")
def test_an_operator_lifts_the_block(mariam):
    WrongCodes.objects.create(user=mariam, spent=BUDGET)

    assert code_budget.lift(mariam, by="boss")
    assert not code_budget.lift(mariam, by="boss")

    assert not WrongCodes.objects.exists()
    event = AuditEvent.objects.get(event="login.factor_unblocked")
    assert (event.actor, event.subject) == ("boss", str(mariam.uid))


@case("LG-06")
def test_a_new_secret_has_a_new_budget(mariam):
    WrongCodes.objects.create(user=mariam, spent=BUDGET)

    actions.remove_second_factor(mariam, by="boss")

    assert not WrongCodes.objects.exists()
