"""Signing in: password, then code; nothing in between is signed in."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.urls import reverse

from authserver.accounts import acr
from tests.support.guest import session_exists

case = pytest.mark.case
requirement = pytest.mark.requirement

RESUME = "/openfinance/authorize/some-handle"


@case("LG-07")
@requirement("OIDCC-2")
def test_both_factors_sign_a_person_in(guest, mariam, app):
    first = guest.enters_password("mariam", going_to=RESUME)
    second = guest.enters_code(app.code())

    assert (first.status_code, first["Location"]) == (303, reverse("mfa_authenticate"))
    assert (second.status_code, second["Location"]) == (303, RESUME)
    assert guest.authentication.user == mariam
    assert guest.authentication.acr == acr.ACR_TWO_FACTORS
    assert guest.authentication.amr == ("pwd", "otp", "mfa")


@case("LG-07")
def test_the_password_alone_signs_nobody_in_who_has_a_second_factor(guest, mariam):
    guest.enters_password("mariam", going_to=RESUME)

    assert guest.authentication is None
    assert SESSION_KEY not in guest.http.session


@case("LG-07")
@pytest.mark.parametrize(
    "name",
    [
        "account_home",
        "account_change_password",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_set_up_picture",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "account_reauthenticate",
        "mfa_reauthenticate",
    ],
)
def test_between_the_factors_no_page_opens(guest, mariam, app, name):
    guest.enters_password("mariam")

    assert reverse("account_login") in guest.opens(name)["Location"]

    guest.enters_code(app.code())
    assert reverse("account_login") not in guest.opens(name).get("Location", "")


@case("LG-07")
def test_the_code_is_asked_for_only_after_the_password(guest, mariam, app):
    assert guest.enters_code(app.code())["Location"] == reverse("account_login")
    assert guest.authentication is None


@case("LG-07")
def test_the_answer_to_the_password_cannot_be_carried_to_another_browser(guest, mariam, app):
    guest.enters_password("mariam")
    key = guest.session_key
    guest.enters_code(app.code())

    guest.http.cookies["__Host-session"] = key

    assert guest.authentication is None


def test_who_has_no_second_factor_is_signed_in_with_one(guest, yusuf):
    guest.enters_password("yusuf")

    assert guest.authentication.acr == acr.ACR_ONE_FACTOR
    assert guest.authentication.amr == ("pwd",)


@case("LG-07", "AZ-29")
def test_one_factor_does_not_open_what_needs_two(guest, yusuf):
    guest.enters_password("yusuf")

    response = guest.opens("account_change_password")

    assert response.status_code == 303
    assert response["Location"].startswith(reverse("mfa_activate_totp"))


@case("AZ-12")
def test_the_session_id_changes_with_every_factor(guest, mariam, app):
    guest.opens("account_login")
    guest.http.get(reverse("account_login"))
    seen = []
    for step in (
        lambda: guest.enters_password("mariam"),
        lambda: guest.enters_code(app.code()),
        lambda: guest.http.post(reverse("mfa_reauthenticate"), {"code": app.code(steps=1)}),
    ):
        step()
        seen.append(guest.session_key)

    assert len(set(seen)) == 3
    assert [session_exists(key) for key in seen] == [False, False, True]


@case("AZ-12")
def test_a_planted_session_stays_anonymous(guest, mariam, app):
    planted = guest.http.session
    planted["planted"] = True
    planted.save()
    key = planted.session_key
    guest.http.cookies["__Host-session"] = key

    guest.signs_in()

    assert guest.authentication.user == mariam
    assert not session_exists(key)


@case("AZ-27")
@pytest.mark.parametrize(
    "going_to",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "https://testserver/",
        "javascript:alert(1)",
        "\t//evil.example",
        "evil.example",
        "/x" * 300,
    ],
)
def test_the_way_on_is_a_path_of_ours(guest, mariam, going_to):
    assert guest.signs_in(going_to=going_to)["Location"] == reverse("consents:list")


@case("AZ-27")
def test_an_encoded_double_slash_stays_on_our_host(guest, mariam):
    assert guest.signs_in(going_to="/%2f%2fevil.example")["Location"] == "/%2f%2fevil.example"


def test_coming_back_from_another_request_goes_on_with_that_one(guest, mariam, app):
    guest.enters_password("mariam", going_to="/openfinance/authorize/first")

    half_way = guest.opens("account_login", next="/openfinance/authorize/second")

    assert half_way["Location"] == reverse("mfa_authenticate")
    assert guest.enters_code(app.code())["Location"] == "/openfinance/authorize/second"


def test_signing_in_as_somebody_else_forgets_the_first(guest, mariam, app):
    guest.enters_password("mariam")

    guest.http.post(reverse("account_logout"), {"next": reverse("account_login")})

    assert guest.enters_code(app.code())["Location"] == reverse("account_login")
    assert guest.opens("account_login").status_code == 200


def test_a_session_that_cannot_say_how_it_began_is_ended(guest, mariam):
    guest.http.force_login(mariam, backend="authserver.accounts.backends.AuthenticationBackend")

    assert guest.opens("account_login").status_code == 200
    assert SESSION_KEY not in guest.http.session


@case("LG-19")
def test_a_person_who_is_switched_off_is_signed_out_at_once(guest, mariam):
    guest.signs_in()
    mariam.is_active = False
    mariam.save()

    assert guest.authentication is None
    assert guest.opens("account_home").status_code == 303


@case("LG-16")
@pytest.mark.parametrize("spelling", [" mariam ", "MARIAM", "\uff4dariam"])
def test_one_name_has_many_spellings_and_one_account(guest, mariam, spelling):
    response = guest.enters_password(spelling)

    assert (response.status_code, response["Location"]) == (303, reverse("mfa_authenticate"))


@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/email/", "/accounts/inactive/"])
def test_what_we_do_not_offer_is_not_there(guest, db, path):
    assert guest.http.get(path).status_code == 404


def test_an_overlong_password_is_not_hashed(guest, mariam, monkeypatch):
    monkeypatch.setattr(
        "django.contrib.auth.hashers.MD5PasswordHasher.encode", lambda *args: pytest.fail("hashed")
    )

    response = guest.enters_password("mariam", "x" * 257)

    assert response.status_code == 200
    assert response.context["form"].errors["password"]
