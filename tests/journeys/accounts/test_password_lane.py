"""Few passwords are hashed at once; who finds no place is told so, and has guessed nothing."""

import os
import threading
from contextlib import contextmanager

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from authserver.accounts import password_lane
from authserver.accounts.models import User
from authserver.accounts.password_lane import LaneIsFull, place
from authserver.audit.models import AuditEvent
from tests.support.person import Person

case = pytest.mark.case


@pytest.fixture(autouse=True)
def a_short_wait(monkeypatch):
    """Of the lane's own clock; that of the accounts' tests hardly moves, this one does."""
    monkeypatch.setattr(password_lane, "LONGEST_WAIT", 0.05)


@contextmanager
def somebody_else_hashes():
    """Another thread of this process holds a place."""
    holds, done = threading.Event(), threading.Event()

    def hold() -> None:
        with place():
            holds.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(10)
    try:
        yield
    finally:
        done.set()
        thread.join()


def somebody_else_finds_a_place() -> bool:
    """Whether another thread would hash now."""
    answers = []

    def enter() -> None:
        try:
            with place():
                answers.append(True)
        except LaneIsFull:
            answers.append(False)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    return answers == [True]


@contextmanager
def nobody_else_may_wait(monkeypatch):
    """As many threads of this process wait for a place as may."""
    monkeypatch.setattr(password_lane, "LONGEST_WAIT", 30)
    threads = [
        threading.Thread(target=somebody_else_finds_a_place) for _ in range(password_lane.WAITING)
    ]
    with somebody_else_hashes():
        for thread in threads:
            thread.start()
        for _ in range(1000):
            try:
                password_lane.require_room()
            except LaneIsFull:
                break
            threading.Event().wait(0.01)
        else:
            raise AssertionError("they do not wait")
        yield
    for thread in threads:
        thread.join()


@contextmanager
def another_process_hashes():
    """A process of the same server: it was forked after the lane was made."""
    told, tell = os.pipe()
    ends, end = os.pipe()
    child = os.fork()
    if child == 0:
        with place():
            os.write(tell, b"x")
            os.read(ends, 1)
        os._exit(0)
    os.read(told, 1)
    try:
        yield child
    finally:
        os.write(end, b"x")
        os.waitpid(child, 0)
        for descriptor in (told, tell, ends, end):
            os.close(descriptor)


@case("LG-21")
@pytest.mark.parametrize("held", [somebody_else_hashes, another_process_hashes])
def test_one_place_is_for_one(held):
    with place():
        pass
    with held(), pytest.raises(LaneIsFull), place():
        pass
    with place():
        pass


@case("LG-21")
def test_two_places_are_for_two(settings):
    settings.PASSWORDS_AT_ONCE = 2
    with somebody_else_hashes():
        with place():
            pass
        with somebody_else_hashes(), pytest.raises(LaneIsFull), place():
            pass


@case("LG-21")
def test_a_process_that_dies_leaves_its_place():
    with another_process_hashes() as child:
        os.kill(child, 9)
        monkey = threading.Event()
        for _ in range(200):
            try:
                with place():
                    return
            except LaneIsFull:
                monkey.wait(0.01)
    raise AssertionError("the place was not given back")


@case("LG-21")
def test_a_few_wait_and_the_rest_is_told_at_once(monkeypatch):
    monkeypatch.setattr(password_lane, "LONGEST_WAIT", 5)
    turned_away, entered = [], []

    def enter() -> None:
        try:
            with place():
                entered.append(1)
        except LaneIsFull:
            turned_away.append(1)

    threads = [threading.Thread(target=enter) for _ in range(6)]
    with somebody_else_hashes():
        for thread in threads:
            thread.start()
        for _ in range(500):
            if len(turned_away) == 6 - password_lane.WAITING:
                break
            threading.Event().wait(0.01)
        assert (len(turned_away), entered) == (6 - password_lane.WAITING, [])
    for thread in threads:
        thread.join()
    assert len(entered) == password_lane.WAITING


@case("LG-21")
def test_whatever_hashes_does_it_in_the_lane(monkeypatch):
    """Also where a hash is made within another call that holds a place."""
    seen = []
    encode = MD5PasswordHasher.encode

    def looked_at(hasher, password, salt):
        seen.append(somebody_else_finds_a_place())
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", looked_at)
    user = User(password=make_password("one"))
    user.check_password("one")
    user.set_password("two")

    assert seen == [False] * 3
    assert somebody_else_finds_a_place()


def sign_in(guest, name):
    return guest.enters_password(name, "wrong")


def right_password(guest, name):
    return guest.enters_password(name)


def change(guest, name):
    Person(User.objects.get(username="mariam"), guest.http).sign_in()
    new = "battery staple"
    form = {"oldpassword": "correct horse", "password1": new, "password2": new}
    return guest.http.post(reverse("account_change_password"), form)


def again(guest, name):
    return guest.http.post(reverse("account_reauthenticate"), {"password": "correct horse"})


@case("LG-21", "LG-01", "ER-05")
@pytest.mark.parametrize("door", [sign_in, right_password, change, again])
@pytest.mark.parametrize("name", ["mariam", "nobody"])
def test_who_finds_no_place_has_not_tried(guest, mariam, yusuf, door, name, clock):
    password = User.objects.get(pk=mariam.pk).password

    for _ in range(6):
        guest.http.cookies.clear()
        if door is again:
            guest.enters_password("yusuf")
        clock.wait(13)  # a password is changed five times a minute at most
        events = AuditEvent.objects.count()
        with somebody_else_hashes():
            answer = door(guest, name)
        assert answer.status_code == 503
        assert answer["Retry-After"] == "2"
        assert b'id="error-page"' in answer.content

        assert AuditEvent.objects.count() == events
    assert User.objects.get(pk=mariam.pk).password == password
    guest.http.cookies.clear()
    assert guest.enters_password("mariam").status_code == 303


@case("LG-21")
def test_where_nobody_could_even_wait_nothing_is_counted(guest, mariam, monkeypatch):
    with CaptureQueriesContext(connection) as sent, nobody_else_may_wait(monkeypatch):
        answer = guest.enters_password("mariam")

    assert answer.status_code == 503
    assert not [each for each in sent if "login_failed" in each["sql"]]
