"""What is counted is counted by who tries and from where, never by what a sender may choose."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache.backends.db import DatabaseCache
from django.db import transaction
from django.urls import reverse

from authserver.accounts import actions, allauth_internals, attempts, urls
from authserver.accounts.models import User
from tests.support.authenticator_app import App
from tests.support.guest import code_of_the_error
from tests.support.person import Person

case = pytest.mark.case

FORM = {
    "login": "mariam",
    "password": "wrong",
    "code": "000000",
    "oldpassword": "wrong",
    "password1": "battery staple",
    "password2": "battery staple",
}
# What one sender says in many ways; the name of the test is the header.
CHOSEN = {
    "port": {"HTTP_HOST": "as.example.com:1"},
    "another port": {"HTTP_HOST": "as.example.com:8000"},
    "port of https": {"HTTP_HOST": "as.example.com:443"},
    "trailing dot": {"HTTP_HOST": "as.example.com."},
    "two dots": {"HTTP_HOST": "as.example.com.."},
    "case": {"HTTP_HOST": "AS.Example.COM"},
    "another of our hosts": {"HTTP_HOST": "localhost"},
    "forwarded host": {"HTTP_X_FORWARDED_HOST": "localhost:4"},
    "forwarded port": {"HTTP_X_FORWARDED_PORT": "4"},
    "forwarded for": {"HTTP_X_FORWARDED_FOR": "192.0.2.1"},
    "forwarded": {"HTTP_FORWARDED": "for=192.0.2.1;host=localhost"},
    "user agent": {"HTTP_USER_AGENT": "another"},
    "language": {"HTTP_ACCEPT_LANGUAGE": "ar"},
    "origin": {"HTTP_ORIGIN": "https://as.example.com"},
    "interaction id": {"HTTP_X_FAPI_INTERACTION_ID": "6f1cbd0e-6f7c-4a79-b2a1-2f5ee2a1c7d4"},
    "script name": {"SCRIPT_NAME": ""},
    "query": {"QUERY_STRING": "a=1"},
}
DOORS = sorted(str(pattern.name) for pattern in urls.urlpatterns)


@pytest.fixture
def keys(monkeypatch) -> Callable[[], list[str]]:
    """The keys of the cache that were used since it was last asked; the values expire."""
    used: list[str] = []
    validated = DatabaseCache.make_and_validate_key

    def noted(cache: Any, key: str, version: Any = None) -> Any:
        used.append(key)
        return validated(cache, key, version)

    named = allauth_internals.get_cache_key

    def noted_by_us(*arguments: Any, **named_by: Any) -> str:
        used.append(named(*arguments, **named_by))
        return used[-1]

    monkeypatch.setattr(DatabaseCache, "make_and_validate_key", noted)
    monkeypatch.setattr(attempts, "get_cache_key", noted_by_us)

    def since() -> list[str]:
        found = sorted(set(used))
        used.clear()
        return found

    return since


def nobody(guest):
    guest.http.cookies.clear()


def half_way(guest):
    guest.http.cookies.clear()
    guest.enters_password("mariam")


def with_one_factor(guest):
    guest.http.cookies.clear()
    guest.enters_password("yusuf")


def all_the_way(guest):
    guest.http.cookies.clear()
    Person(User.objects.get(username="mariam"), guest.http).sign_in()


STATES = [nobody, half_way, with_one_factor, all_the_way]


def in_state(guest, clock, state):
    clock.wait(3600)  # so that no block hides what would be counted next
    mariam = User.objects.get(username="mariam")
    actions.give_second_factor(mariam, secret=App.secret, by="test")
    state(guest)


def keys_of_one_try(guest, keys, door, **headers):
    """Whatever a try does is undone: the next one begins in the same state."""
    cookies = copy.deepcopy(guest.http.cookies)
    keys()
    with transaction.atomic():
        answer = guest.http.post(reverse(door), FORM, **headers)
        transaction.set_rollback(True)
    guest.http.cookies = cookies
    return answer, keys()


@case("LG-01", "LG-02", "HT-10")
@pytest.mark.parametrize("state", STATES)
def test_no_key_depends_on_what_a_sender_chooses(guest, mariam, yusuf, keys, clock, state):
    guest.http.defaults["HTTP_HOST"] = "as.example.com"
    in_state(guest, clock, state)
    for door in DOORS:
        _, plain = keys_of_one_try(guest, keys, door)
        for headers in CHOSEN.values():
            answer, found = keys_of_one_try(guest, keys, door, **headers)
            assert found == plain or (answer.status_code == 400 and not found), (door, headers)


def test_the_doors_that_count_are_seen(guest, mariam, yusuf, keys, clock):
    """Otherwise the comparison would be one of nothing with nothing."""
    counted = set()
    for state in STATES:
        in_state(guest, clock, state)
        counted |= {
            (door, state.__name__) for door in DOORS if keys_of_one_try(guest, keys, door)[1]
        }

    assert counted >= {
        ("account_login", "nobody"),
        ("mfa_authenticate", "half_way"),
        ("mfa_activate_totp", "with_one_factor"),
        ("account_change_password", "all_the_way"),
        ("mfa_reauthenticate", "all_the_way"),
    }


@case("LG-01", "HT-02")
@pytest.mark.parametrize(
    "hosts",
    [
        ["localhost", "LOCALHOST", "localhost:443"],
        ["localhost", "as.example.com", "testserver"],
    ],
)
def test_another_spelling_of_the_host_gives_no_more_guesses(guest, mariam, hosts):
    for number in range(5):
        guest.enters_password("mariam", f"wrong-{number}")

    for host in hosts:
        answer = guest.http.post(
            reverse("account_login"), {"login": "mariam", "password": "wrong"}, HTTP_HOST=host
        )
        assert code_of_the_error(answer) == ["too_many_login_attempts"]


@case("LG-01", "LG-16")
def test_a_name_is_counted_alike_at_every_door(guest, openfinance, keys, clock):
    """Sign-in reads what is typed, the others what is stored."""
    guest.http.defaults["HTTP_HOST"] = "as.example.com"
    User.objects.create_user("Jos\u00e9", password="correct horse")

    guest.enters_password("jose\u0301", "wrong")
    typed = {key for key in keys() if "login_failed" in key and not key.endswith("ip:")}
    guest.enters_password("jos\u00e9")
    keys()
    guest.http.post(reverse("account_reauthenticate"), {"password": "wrong"})

    assert typed & set(keys())


@case("HT-02")
@pytest.mark.parametrize(
    ("named", "status"),
    [
        ("as.example.com", 200),
        ("AS.example.com", 200),
        ("as.example.com:443", 200),
        ("as.example.com:8444", 200),
        ("as.example.com:0443", 200),
        ("as.example.com:80", 400),
        ("as.example.com:1", 400),
        ("as.example.com:", 400),
        ("as.example.com:99999", 400),
        ("as.example.com.", 400),
        ("as.example.com.:443", 400),
        (".as.example.com", 400),
        ("as.example.com:443:443", 400),
        ("as.example.com/", 400),
        (" as.example.com", 400),
        ("as.example.com\t", 400),
        ("\uff41s.example.com", 400),
    ],
)
def test_a_host_has_one_spelling(guest, db, settings, named, status):
    settings.MACHINE_BASE = "https://mtls.as.example.com:8444"

    response = guest.http.get(reverse("account_login"), HTTP_HOST=named)

    assert response.status_code == status
    if status == 200:
        seen = response.wsgi_request.get_host()
        assert seen == ("as.example.com:8444" if "8444" in named else "as.example.com")
