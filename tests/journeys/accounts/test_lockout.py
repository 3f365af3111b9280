"""Guessing is stopped: by name, by code, by address; and the block ends by itself."""

import pytest
from django.urls import reverse

from tests.support.guest import code_of_the_error

case = pytest.mark.case


@case("LG-01")
def test_five_wrong_passwords_block_a_name(guest, mariam):
    answers = [code_of_the_error(guest.enters_password("mariam", "wrong")) for _ in range(6)]

    assert answers == [["username_password_mismatch"]] * 5 + [["too_many_login_attempts"]]
    assert code_of_the_error(guest.enters_password("mariam")) == ["too_many_login_attempts"]


@case("LG-03")
def test_the_block_ends_by_itself(guest, mariam, clock):
    for _ in range(6):
        guest.enters_password("mariam", "wrong")

    clock.wait(301)

    assert guest.enters_password("mariam")["Location"] == reverse("mfa_authenticate")


@case("LG-03")
def test_a_block_is_of_one_name(guest, mariam, yusuf):
    for _ in range(6):
        guest.enters_password("mariam", "wrong")

    assert guest.enters_password("yusuf").status_code == 303


@case("LG-01", "LG-16")
def test_spellings_of_one_name_are_counted_together(guest, mariam):
    spellings = ["mariam", "MARIAM", " Mariam", "mar\u0131am", "\uff4dariam"]
    for spelling in spellings:
        guest.enters_password(spelling, "wrong")

    assert code_of_the_error(guest.enters_password("mariam")) == ["too_many_login_attempts"]


@case("LG-02")
def test_one_password_for_many_names_is_stopped_by_address(guest, db):
    answers = [guest.enters_password(f"name-{number}", "Winter2026") for number in range(31)]

    assert {answer.status_code for answer in answers[:30]} == {200}
    assert answers[30].status_code == 429
    assert answers[30]["Retry-After"] == "60"
    assert b'id="error-page"' in answers[30].content


@case("LG-02", "HT-10")
def test_a_header_does_not_change_the_address(guest, db, settings):
    settings.TRUSTED_PROXY = ""
    for number in range(31):
        guest.http.defaults["HTTP_X_FORWARDED_FOR"] = f"192.0.2.{number}"
        guest.http.defaults["HTTP_X_REAL_IP"] = f"192.0.2.{number}"
        last = guest.enters_password(f"name-{number}", "Winter2026")

    assert last.status_code == 429


@case("LG-02")
def test_behind_the_proxy_people_do_not_share_one_limit(guest, mariam):
    for number in range(31):
        guest.http.defaults["HTTP_X_REAL_IP"] = f"192.0.2.{number}"
        last = guest.enters_password(f"name-{number}", "Winter2026")

    assert last.status_code == 200


@case("LG-06")
def test_five_wrong_codes_block_the_second_factor(guest, mariam, app):
    guest.enters_password("mariam")
    wrong = "000000" if app.code() != "000000" else "000001"

    answers = [guest.enters_code(wrong).context["form"].errors.as_data() for _ in range(6)]

    codes = [error["code"][0].code for error in answers]
    assert codes == ["incorrect_code"] * 5 + ["too_many_login_attempts"]
    assert guest.enters_code(app.code()).status_code == 200
    assert guest.authentication is None


@case("LG-06")
def test_another_browser_does_not_give_more_guesses(guest, mariam, app):
    for _ in range(5):
        guest.enters_password("mariam")
        guest.enters_code("000000")
        guest.http.cookies.clear()
    guest.enters_password("mariam")

    assert guest.enters_code(app.code()).status_code == 200
    assert guest.authentication is None


@case("LG-06")
def test_a_success_wipes_out_no_failure(guest, mariam, app):
    guest.enters_password("mariam")
    for _ in range(4):
        guest.enters_code("000000")
    assert guest.enters_code(app.code()).status_code == 303
    guest.http.post(reverse("account_logout"))

    guest.enters_password("mariam")
    guest.enters_code("000000")

    assert guest.enters_code(app.code(steps=1)).status_code == 200


def test_a_success_is_not_counted(guest, mariam, clock):
    for _ in range(6):
        assert guest.signs_in().status_code == 303
        guest.http.post(reverse("account_logout"))
        clock.wait(30)
