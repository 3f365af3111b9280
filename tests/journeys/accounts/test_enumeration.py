"""Who has an account here is nobody's business: one answer for every name."""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support import world
from tests.support.guest import PASSWORD

case = pytest.mark.case


@pytest.fixture
def everybody(openfinance, mariam, yusuf):
    world.person("disabled", openfinance)
    type(mariam).objects.filter(username="disabled").update(is_active=False)


NAMES = ["mariam", "yusuf", "disabled", "nobody"]


def seen_by_a_stranger(response):
    """The answer without what is random or was typed."""
    body = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", response.content.decode())
    body = re.sub(r'(name="login" value=")[^"]+', r"\1", body)
    headers = dict(response.items())
    for of_the_moment in ("x-fapi-interaction-id", "Expires", "Content-Length"):
        headers.pop(of_the_moment, None)
    return response.status_code, body, headers, sorted(response.cookies)


@case("LG-04")
@pytest.mark.parametrize("password", ["wrong", "", "x" * 300])
def test_a_wrong_password_is_answered_alike_for_every_name(guest, everybody, password):
    answers = []
    for name in NAMES:
        guest.http.cookies.clear()
        answers.append(seen_by_a_stranger(guest.enters_password(name, password)))

    for answer in answers:
        assert answer == answers[0]
    assert "error-summary" in answers[0][1]


@case("LG-04", "LG-19")
def test_a_disabled_person_with_the_right_password_is_answered_like_nobody(guest, everybody):
    disabled = seen_by_a_stranger(guest.enters_password("disabled", PASSWORD))
    guest.http.cookies.clear()
    nobody = seen_by_a_stranger(guest.enters_password("nobody", PASSWORD))

    assert disabled == nobody
    guest.http.cookies.clear()
    assert guest.enters_password("yusuf", PASSWORD).status_code == 303


@case("LG-04")
@pytest.mark.parametrize("name", NAMES)
def test_every_name_costs_one_hash_and_one_statement(guest, everybody, monkeypatch, name):
    hashed = []
    encode = MD5PasswordHasher.encode

    def counted(hasher, password, salt):
        hashed.append(hasher)
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    guest.enters_password("somebody", "wrong")  # this hour's tally is there
    hashed.clear()

    with CaptureQueriesContext(connection) as statements:
        guest.enters_password(name, "wrong")

    written = [each["sql"] for each in statements if "audit_" in each["sql"]]
    assert len(hashed) == 1
    assert len(written) == 1
    assert written[0].startswith('UPDATE "audit_tally"' if name == "nobody" else "INSERT INTO")


@case("LG-04")
def test_a_block_is_answered_alike_for_every_name(guest, everybody):
    answers = []
    for name in ("mariam", "nobody"):
        for _ in range(6):
            guest.http.cookies.clear()
            last = guest.enters_password(name, "wrong")
        answers.append(seen_by_a_stranger(last))

    assert answers[0] == answers[1]
