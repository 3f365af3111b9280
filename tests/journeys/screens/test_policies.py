"""What a browser is told to allow: on every page, every redirect and every error."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from authserver.web.middleware import FOR_MACHINES, FOR_OPERATORS, FOR_PAGES

case = pytest.mark.case

PAGES_OF_A_PERSON = [
    "account_home",
    "account_logout",
    "account_change_password",
    "mfa_index",
    "consents:list",
]


def require_the_policy(response, policy=FOR_PAGES):
    assert response["Content-Security-Policy"] == policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert "geolocation=()" in response["Permissions-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert "ETag" not in response
    assert "Server" not in response
    assert "Access-Control-Allow-Origin" not in response


@case("AZ-21", "AZ-23", "HT-07")
@pytest.mark.parametrize("name", PAGES_OF_A_PERSON)
def test_a_persons_page_holds_to_the_policy(person, name):
    response = person.browser.get(reverse(name), headers={"origin": "https://evil.example"})

    assert response.status_code == 200
    require_the_policy(response)


@case("AZ-21", "AZ-23", "HT-07")
def test_the_page_of_a_first_factor_holds_to_the_policy(person):
    Authenticator.objects.filter(user=person.user).delete()

    response = person.browser.get(reverse("mfa_activate_totp"))

    assert response.status_code == 200
    require_the_policy(response)


@case("AZ-21", "AZ-23", "HT-15")
@pytest.mark.parametrize(
    ("path", "status"),
    [("/accounts/login/", 200), ("/accounts/signed-out/", 200), ("/nowhere", 404)],
)
def test_a_strangers_page_holds_to_the_policy(stranger, path, status):
    response = stranger.get(path)

    assert response.status_code == status
    require_the_policy(response)


@case("AZ-21", "HT-15")
def test_a_redirect_holds_to_the_policy(stranger):
    response = stranger.get(reverse("account_home"))

    assert response.status_code == 303
    assert "no-store" in response["Cache-Control"]
    assert response["X-Frame-Options"] == "DENY"


def test_a_policy_for_pages_allows_no_script_and_no_foreign_form():
    directives = dict(part.strip().split(" ", 1) for part in FOR_PAGES.split(";"))

    assert directives == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


@case("HT-14")
def test_data_is_nothing_that_a_browser_runs(db, client):
    response = client.get("/nowhere", headers={"accept": "application/json"})

    assert response["Content-Type"] == "application/json"
    require_the_policy(response, FOR_MACHINES)
    assert "sandbox" in FOR_MACHINES


@case("AZ-21")
def test_the_operators_site_has_a_policy_of_its_own(stranger):
    response = stranger.get("/admin/login/", follow=True)

    assert "unsafe" not in FOR_OPERATORS
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


@case("AZ-24")
def test_after_a_form_the_answer_is_303(person):
    response = person.browser.post(reverse("set_language"), {"language": "ar"})

    assert response.status_code == 303


@case("HT-05")
@pytest.mark.parametrize("method", ["delete", "put", "patch", "trace"])
def test_other_methods_are_refused(stranger, method):
    assert getattr(stranger, method)("/accounts/login/").status_code == 405


@case("HT-05")
@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_cannot_be_overridden(person, name):
    response = person.browser.post(
        reverse("account_home"), {"_method": "GET"}, headers={name: "GET"}
    )

    assert response.status_code == 405


@case("HT-02")
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"HTTP_HOST": "evil.example"}, id="foreign"),
        pytest.param({"HTTP_HOST": ""}, id="empty"),
        pytest.param({"HTTP_HOST": "as.example.com:443@evil.example"}, id="userinfo"),
        pytest.param({"RAW_URI": "/accounts/login/"}, id="absent"),
        pytest.param(
            {"HTTP_HOST": "as.example.com", "RAW_URI": "https://evil.example/accounts/login/"},
            id="another in the target",
        ),
    ],
)
def test_a_request_names_one_host_of_ours(stranger, changes):
    assert stranger.get("/accounts/login/", **changes).status_code == 400
    right = {"HTTP_HOST": "as.example.com", "RAW_URI": "/accounts/login/"}
    assert stranger.get("/accounts/login/", **right).status_code == 200


@case("HT-10")
@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL"])
def test_a_forwarding_header_moves_nothing(stranger, name):
    response = stranger.get("/accounts/", headers={name: "https://evil.example/x"})

    assert response["Location"] == "/accounts/login/?next=%2Faccounts%2F"
