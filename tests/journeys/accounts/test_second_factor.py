"""Getting a second factor, renewing it, losing it: never with less than what the person has."""

import base64
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import IntegrityError
from django.urls import reverse

from authserver.accounts import acr, actions
from authserver.audit.models import AuditEvent
from tests.support.authenticator_app import App

case = pytest.mark.case
requirement = pytest.mark.requirement

RESUME = "/openfinance/authorize/some-handle"


@pytest.fixture
def signed_in(guest, mariam):
    guest.signs_in()
    return guest


@pytest.fixture
def minutes_later(monkeypatch):
    """Make what the session proved look older than it is."""

    def age(guest, minutes):
        session = guest.http.session
        for each in session["account_authentication_methods"]:
            each["at"] = time.time() - 60 * minutes
        session.save()

    return age


def secret_on(page):
    found = re.search(rb'id="mfa-secret">([A-Z2-7 ]+)<', page.content)
    assert found, page.content
    return found[1].decode().replace(" ", "")


def set_up(guest, app, **query):
    secret = secret_on(guest.opens("mfa_activate_totp", **query))
    form = {"code": app.code(secret=secret)} | query
    return secret, guest.http.post(reverse("mfa_activate_totp"), form)


def test_the_first_second_factor_is_set_up_after_the_password(guest, yusuf, app):
    guest.enters_password("yusuf")

    _, response = set_up(guest, app, next=RESUME)

    assert response.status_code == 303
    assert response["Location"].startswith(reverse("mfa_view_recovery_codes"))
    assert guest.authentication.acr == acr.ACR_TWO_FACTORS
    codes = guest.http.get(response["Location"])
    assert codes.status_code == 200
    assert f'href="{RESUME}"' in codes.content.decode()
    assert AuditEvent.objects.filter(event="login.factor_added", actor="yusuf").count() == 1


def test_the_code_that_proved_the_set_up_is_used_up(guest, yusuf, app):
    guest.enters_password("yusuf")
    secret, _ = set_up(guest, app)
    guest.http.cookies.clear()
    guest.enters_password("yusuf")

    assert guest.enters_code(app.code(secret=secret)).status_code == 200
    assert guest.enters_code(app.code(secret=secret, steps=1)).status_code == 303


def test_a_wrong_code_sets_nothing_up(guest, yusuf, app):
    guest.enters_password("yusuf")
    secret = secret_on(guest.opens("mfa_activate_totp"))

    response = guest.http.post(reverse("mfa_activate_totp"), {"code": "000000"})

    assert response.status_code == 200
    assert not Authenticator.objects.filter(user=yusuf).exists()
    assert secret_on(response) == secret


def test_a_reload_shows_the_same_secret(guest, yusuf):
    guest.enters_password("yusuf")

    first = secret_on(guest.opens("mfa_activate_totp"))

    assert secret_on(guest.opens("mfa_activate_totp")) == first


def test_the_picture_is_an_image_of_its_own(guest, yusuf):
    guest.enters_password("yusuf")
    page = guest.opens("mfa_activate_totp").content.decode()

    picture = guest.opens("mfa_set_up_picture")

    assert f'src="{reverse("mfa_set_up_picture")}"' in page
    assert "data:" not in page
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture["Cache-Control"] == "no-store"
    assert picture.content.startswith(b"<?xml")


@case("LG-08")
def test_no_secret_is_in_clear_in_the_database(guest, yusuf, app):
    guest.enters_password("yusuf")
    waiting = secret_on(guest.opens("mfa_activate_totp"))
    sessions = [session.get_decoded() for session in Session.objects.all()]
    assert waiting not in str(sessions)

    secret, _ = set_up(guest, app)

    kept = str(list(Authenticator.objects.filter(user=yusuf).values_list("data", flat=True)))
    octets = base64.b32decode(secret)
    assert secret == waiting
    assert secret not in kept
    assert octets.hex() not in kept
    assert "mfa.totp.secret" not in guest.http.session


@case("LG-08")
@pytest.mark.parametrize(
    "name", ["mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"]
)
def test_what_resets_the_second_factor_wants_it_again(signed_in, minutes_later, name):
    assert signed_in.opens(name).status_code == 200

    minutes_later(signed_in, 6)

    assert signed_in.opens(name)["Location"].startswith(reverse("mfa_reauthenticate"))


@case("LG-08")
@pytest.mark.parametrize("name", ["mfa_deactivate_totp", "mfa_generate_recovery_codes"])
def test_a_form_that_was_left_open_resets_nothing(signed_in, minutes_later, name):
    before = list(Authenticator.objects.order_by("pk").values())
    minutes_later(signed_in, 6)

    response = signed_in.http.post(reverse(name))

    assert response["Location"].startswith(reverse("mfa_reauthenticate"))
    assert list(Authenticator.objects.order_by("pk").values()) == before


@case("LG-08")
def test_the_password_is_no_way_around_the_second_factor(signed_in, minutes_later):
    minutes_later(signed_in, 6)

    page = signed_in.opens("account_reauthenticate", next=reverse("mfa_deactivate_totp"))
    signed_in.http.post(reverse("account_reauthenticate"), {"password": "correct horse"})

    assert page["Location"].startswith(reverse("mfa_reauthenticate"))
    assert signed_in.opens("mfa_deactivate_totp")["Location"].startswith(
        reverse("mfa_reauthenticate")
    )


@case("LG-08")
def test_shown_again_it_can_be_taken_away(signed_in, mariam, minutes_later, app):
    minutes_later(signed_in, 6)
    way = reverse("mfa_deactivate_totp")
    again = signed_in.http.post(
        reverse("mfa_reauthenticate"), {"code": app.code(steps=1), "next": way}
    )

    response = signed_in.http.post(again["Location"])

    assert again["Location"] == way
    assert response["Location"] == reverse("mfa_index")
    assert not Authenticator.objects.filter(user=mariam).exists()
    event = AuditEvent.objects.get(event="login.factor_removed")
    assert (event.actor, event.facts["factors"]) == ("mariam", ["recovery_codes", "totp"])
    assert event.facts["changed"] == {"factors": ["['recovery_codes', 'totp']", ""]}


def test_a_second_one_beside_it_cannot_be_set_up(signed_in, mariam):
    kept = Authenticator.objects.get(user=mariam, type="totp").data

    assert signed_in.opens("mfa_activate_totp")["Location"] == reverse("mfa_index")
    assert signed_in.http.post(reverse("mfa_activate_totp"), {"code": "1"}).status_code == 303
    assert Authenticator.objects.get(user=mariam, type="totp").data == kept
    with pytest.raises(IntegrityError):
        actions.add_second_factor(mariam, secret=App.secret, by="test")


def test_recovery_codes_are_shown_once(signed_in):
    first = signed_in.opens("mfa_view_recovery_codes").content.decode()
    second = signed_in.opens("mfa_view_recovery_codes").content.decode()

    assert len(re.findall(r"<li><code>\d{4} \d{4}</code>", first)) == 10
    assert not re.search(r"\d{4} \d{4}", second)


def test_new_recovery_codes_replace_the_old(signed_in, mariam):
    before = Authenticator.objects.get(user=mariam, type="recovery_codes").data["seed"]

    response = signed_in.http.post(reverse("mfa_generate_recovery_codes"))

    assert response["Location"] == reverse("mfa_view_recovery_codes")
    assert Authenticator.objects.get(user=mariam, type="recovery_codes").data["seed"] != before
    assert AuditEvent.objects.filter(event="login.factor_added", actor="mariam").count() == 1


def test_who_is_signed_in_with_one_factor_shows_the_other(guest, yusuf, app):
    guest.enters_password("yusuf")
    actions.add_second_factor(yusuf, secret=App.secret, by="operator")

    page = guest.opens("mfa_authenticate", next=RESUME)
    again = guest.http.post(page["Location"], {"code": app.code()})

    assert page.status_code == 303
    assert page["Location"].startswith(reverse("mfa_reauthenticate"))
    assert again["Location"] == RESUME
    assert guest.authentication.acr == acr.ACR_TWO_FACTORS


@requirement("OIDCC-2")
def test_a_second_factor_shown_again_does_not_make_the_password_fresh(
    signed_in, minutes_later, app
):
    minutes_later(signed_in, 20)
    before = signed_in.authentication.auth_time

    signed_in.http.post(reverse("mfa_reauthenticate"), {"code": app.code(steps=1)})

    assert signed_in.authentication.auth_time == before
