"""How long a login lasts, how it ends, and the cookies that carry it."""

from contextlib import nullcontext

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client as Http
from django.urls import reverse

from authserver.accounts.models import User
from authserver.accounts.sessions import SessionStore
from tests.support.guest import PASSWORD, Guest, session_exists
from tests.support.person import Person

case = pytest.mark.case


@pytest.fixture
def signed_in(guest, mariam):
    guest.signs_in()
    guest.opens("account_home")
    return guest


def put_back(guest, **seconds):
    """Make the login look as if it began, or was last used, so many seconds ago."""
    session = guest.http.session
    for name, count in seconds.items():
        session[name] -= count
    session.save()


@case("LG-11")
@pytest.mark.parametrize(("seconds", "status"), [(290, 200), (310, 303)])
def test_a_login_that_nobody_uses_ends(signed_in, seconds, status):
    put_back(signed_in, seen=seconds)

    assert signed_in.opens("account_home").status_code == status


@case("LG-11")
def test_using_it_keeps_it(signed_in):
    put_back(signed_in, seen=200)
    signed_in.opens("account_home")
    put_back(signed_in, seen=200)

    assert signed_in.opens("account_home").status_code == 200


@case("LG-11")
@pytest.mark.parametrize(("hours", "status"), [(11, 200), (13, 303)])
def test_no_use_keeps_a_login_for_ever(signed_in, hours, status):
    put_back(signed_in, began=hours * 3600)

    assert signed_in.opens("account_home").status_code == status


def test_an_operator_may_pause_for_longer(signed_in):
    User.objects.update(is_staff=True)
    put_back(signed_in, seen=1500)

    assert signed_in.opens("account_home").status_code == 200


@case("AZ-12")
def test_a_double_click_signs_in_under_two_other_ids(signed_in):
    key = signed_in.session_key
    clicks = [SessionStore(key), SessionStore(key)]
    for session in clicks:
        session.cycle_key()

    for session in clicks:
        session.save()

    assert [session_exists(each.session_key) for each in clicks] == [True, True]
    assert not session_exists(key)


@case("LG-18")
@pytest.mark.parametrize("is_ended", [True, False])
def test_what_was_ended_meanwhile_is_not_stored_again(signed_in, is_ended):
    session = SessionStore(signed_in.session_key)
    session["changed"] = True
    if is_ended:
        SessionStore(signed_in.session_key).flush()

    with pytest.raises(UpdateError) if is_ended else nullcontext():
        session.save()

    assert session_exists(signed_in.session_key) is not is_ended


@case("LG-18")
def test_signing_out_is_asked_for_and_then_done(signed_in):
    key = signed_in.session_key

    question = signed_in.opens("account_logout")
    assert session_exists(key)
    answer = signed_in.http.post(reverse("account_logout"))

    assert b'id="sign-out"' in question.content
    assert (answer.status_code, answer["Location"]) == (303, reverse("account_signed_out"))
    assert not session_exists(key)
    assert SESSION_KEY not in signed_in.http.session


@case("LG-18", "AZ-14")
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no token"),
        pytest.param({"HTTP_ORIGIN": "null"}, id="opaque origin"),
        pytest.param({"HTTP_ORIGIN": "https://evil.example"}, id="foreign origin"),
    ],
)
def test_a_foreign_page_signs_nobody_out(mariam, headers):
    guest = Guest(Http())
    guest.signs_in()
    guest.http.handler.enforce_csrf_checks = True

    response = guest.http.post(reverse("account_logout"), **headers)

    assert response.status_code == 403
    assert b'id="error-page"' in response.content
    assert SESSION_KEY in guest.http.session


@case("LG-18")
def test_our_own_form_does(mariam):
    guest = Guest(Http())
    guest.signs_in()
    guest.http.handler.enforce_csrf_checks = True
    token = guest.opens("account_logout").context["csrf_token"]

    answer = guest.http.post(
        reverse("account_logout"),
        {"csrfmiddlewaretoken": str(token)},
        headers={"origin": "http://testserver"},
    )

    assert answer.status_code == 303
    assert SESSION_KEY not in guest.http.session


@case("LG-12")
@pytest.mark.parametrize("name", ["__Host-session", "__Host-csrf", "__Host-language"])
def test_cookies_are_for_this_host_and_no_script(signed_in, name):
    signed_in.http.post(reverse("set_language"), {"language": "ar"})
    cookie = signed_in.http.cookies[name]

    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")


@case("LG-12")
def test_no_other_cookie_is_set(signed_in):
    form = {"oldpassword": PASSWORD, "password1": "battery staple", "password2": "battery staple"}

    signed_in.http.post(reverse("account_change_password"), form)

    assert all(name.startswith("__Host-") for name in signed_in.http.cookies)


@case("LG-12")
def test_the_session_cookie_ends_with_the_browser(signed_in):
    assert signed_in.http.cookies["__Host-session"]["max-age"] == ""


def test_a_new_password_ends_the_other_sessions_and_not_this_one(signed_in, mariam, app):
    other = Guest(Http())
    other.enters_password("mariam")
    other.enters_code(app.code(steps=1))
    assert other.authentication.user == mariam
    form = {"oldpassword": PASSWORD, "password1": "battery staple", "password2": "battery staple"}

    response = signed_in.http.post(reverse("account_change_password"), form)

    assert (response.status_code, response["Location"]) == (303, reverse("account_home"))
    assert signed_in.opens("account_home").status_code == 200
    assert other.authentication is None
    assert User.objects.get(pk=mariam.pk).check_password("battery staple")


@case("LG-01")
def test_an_open_session_is_no_place_to_guess_the_password(signed_in, mariam):
    form = {"oldpassword": "wrong", "password1": "battery staple", "password2": "battery staple"}

    for _ in range(5):
        signed_in.http.post(reverse("account_change_password"), form)
    answer = signed_in.http.post(
        reverse("account_change_password"), form | {"oldpassword": PASSWORD}
    )

    assert answer.status_code == 429
    assert not User.objects.get(pk=mariam.pk).check_password("battery staple")


def test_the_tests_short_way_to_sign_in_leaves_what_the_pages_leave(guest, mariam):
    guest.signs_in()
    person = Person(mariam, Http())
    person.sign_in()

    by_pages, by_tests = dict(guest.http.session), dict(person.browser.session)
    for name, value in by_tests.items():
        assert alike(by_pages[name]) == alike(value), name
    assert set(by_pages) - set(by_tests) <= {"began", "seen", "_messages", "_session_expiry"}


def alike(value):
    """Without what no two logins have alike: when it was, and the number of the second factor."""
    if not isinstance(value, list):
        return value
    return [{k: v for k, v in each.items() if k not in ("at", "id")} for each in value]
