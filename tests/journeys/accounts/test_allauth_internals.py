"""What we use of allauth that it keeps to itself is there, and does what we take it to do."""

import time
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account import views
from allauth.account.models import Login
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from authserver.accounts import allauth_internals as internals
from authserver.accounts.sessions import SessionStore
from authserver.accounts.views import SignIn
from tests.support import world
from tests.support.person import authenticator_of


@pytest.fixture
def request_of_nobody(db):
    request = RequestFactory().get("/accounts/login/")
    request.session = SessionStore()
    request.user = AnonymousUser()
    with context.request_context(request):
        yield request


@pytest.fixture
def mariam(openfinance):
    return world.person("mariam", openfinance)


def test_it_was_read_in_the_version_that_is_installed():
    """After an update: read what the module says of allauth again, then change this number."""
    assert version("django-allauth").startswith("65.21.")


def test_a_login_under_way_is_known_and_led_elsewhere(request_of_nobody, mariam):
    assert internals.login_under_way(request_of_nobody) is None
    assert internals.following_login_under_way(request_of_nobody) == ""

    internals.lead_login_to(request_of_nobody, Login(user=mariam, redirect_url="/a"), "/b")

    login = internals.login_under_way(request_of_nobody)
    assert login is not None
    assert login.user == mariam
    assert internals.following_login_under_way(request_of_nobody) == "/b"


def test_a_record_says_how_and_when(request_of_nobody, mariam):
    internals.record_authentication(request_of_nobody, mariam, "mfa", id=7, type="totp")

    (record,) = internals.get_authentication_records(request_of_nobody, mariam)
    assert (record["method"], record["id"], record["type"]) == ("mfa", 7, "totp")
    assert abs(record["at"] - time.time()) < 60


def test_a_view_is_told_of_a_login_that_goes_on(request_of_nobody, mariam, monkeypatch):
    told = []
    stage: Any = SimpleNamespace(login=Login(user=mariam), urlname="mfa_authenticate")
    monkeypatch.setattr(SignIn, "before_resuming", lambda self, request, login: told.append(login))

    view = SignIn()
    view.setup(request_of_nobody)
    answer = view._redirect_to_pending_stage(request_of_nobody, stage)

    assert [login.user for login in told] == [mariam]
    assert answer.status_code == 302
    assert issubclass(SignIn, views.LoginView)
    assert hasattr(views.LoginView, "_redirect_to_pending_stage")


def test_a_wrong_code_is_told(request_of_nobody, mariam):
    told = []

    def tell(**facts):
        told.append((facts["user"], facts["authenticator"]))

    authentication_failed.connect(tell)
    try:
        internals.tell_of_failure(AuthenticateForm(user=mariam), authenticator_of(mariam))
    finally:
        authentication_failed.disconnect(tell)

    assert told == [(mariam, authenticator_of(mariam))]


def test_codes_are_those_of_the_secret():
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 4226, appendix D
    codes = [internals.format_hotp_value(internals.hotp_value(secret, step)) for step in range(3)]

    assert codes == ["755224", "287082", "359152"]
    assert internals.compare_user_code(actual="755224", expected=codes[0])
    assert int(time.time()) // 30 in set(internals.yield_hotp_counters_from_time())
    assert len(internals.generate_totp_secret()) == 32


def test_factors_are_stored_as_ours_are_read(mariam):
    made = internals.TOTP.activate(mariam, "GEZDGNBVGY3TQOJQ").instance
    codes = internals.RecoveryCodes.activate(mariam)

    assert made.type == Authenticator.Type.TOTP
    assert "secret" in made.data
    first = codes.get_unused_codes()[0]
    assert codes.validate_code(first)
    assert first not in codes.get_unused_codes()
