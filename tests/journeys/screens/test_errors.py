"""When something is wrong: a page for a person, JSON for a machine, and nothing of our inside."""

import pytest
from django.db import OperationalError
from django.urls import reverse

case = pytest.mark.case

HIDDEN = (b"Traceback", b"Django", b"gunicorn", b"ZeroDivisionError", b"authserver.", b"settings")


@pytest.fixture
def broken(monkeypatch):
    """Make a page fail with this error."""

    def fail(error):
        def raises(*args, **kwargs):
            raise error

        monkeypatch.setattr("authserver.accounts.views.render", raises)

    return fail


def require_an_error_page(response, status):
    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")
    assert b'id="error-page"' in response.content
    assert response["x-fapi-interaction-id"] in response.content.decode()
    assert not [word for word in HIDDEN if word in response.content]


@case("ER-01")
def test_a_failure_of_ours_says_so_and_nothing_else(stranger, broken):
    broken(ZeroDivisionError("secret"))

    response = stranger.get(reverse("account_signed_out"))

    require_an_error_page(response, 500)
    assert b"secret" not in response.content


@case("ER-05")
def test_an_outage_says_when_to_come_back(stranger, broken):
    broken(OperationalError("secret"))

    response = stranger.get(reverse("account_signed_out"))

    require_an_error_page(response, 503)
    assert response["Retry-After"] == "5"
    assert b"secret" not in response.content


@case("ER-05")
def test_an_outage_before_any_view_is_one_too(stranger, mariam_session, monkeypatch):
    stranger.cookies["__Host-session"] = mariam_session

    def raises(*args, **kwargs):
        raise OperationalError("secret")

    monkeypatch.setattr("authserver.accounts.sessions.SessionStore.load", raises)

    require_an_error_page(stranger.get(reverse("account_home")), 503)


@pytest.fixture
def mariam_session(person):
    return person.browser.session.session_key


@case("ER-05")
def test_a_machine_is_told_in_json(client, openfinance, monkeypatch):
    def raises(*args, **kwargs):
        raise OperationalError("secret")

    monkeypatch.setattr("authserver.storage.prepared.Prepared.first", raises)

    response = client.post("/openfinance/token", headers={"accept": "text/html"})

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response.json()["error"] == "temporarily_unavailable"


@case("ER-02")
@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml;q=0.9", "text/html; charset=utf-8"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("text/plain;q=0.1," * 2000, "application/json"),
    ],
    ids=["browser", "json", "anything", "nothing", "very long"],
)
def test_an_unknown_path_is_answered_in_the_callers_form(client, accept, kind):
    response = client.get("/nowhere", headers={"accept": accept})

    assert (response.status_code, response["Content-Type"]) == (404, kind)


@case("HT-16")
@pytest.mark.parametrize("path", ["/nowhere", "/accounts/nowhere", "/consent/x.css", "/a/b/c"])
def test_an_unknown_path_costs_no_query(person, django_assert_num_queries, path):
    with django_assert_num_queries(0):
        response = person.browser.get(path, headers={"accept": "text/html"})

    assert response.status_code == 404


@case("HT-12", "HT-13")
@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login",
        "/accounts//login/",
        "/accounts/login/x.css",
        "/accounts/login/;a=b",
        "/accounts/./login/",
        "/accounts/login/.",
    ],
)
def test_a_path_is_ours_exactly_or_not_at_all(stranger, path):
    response = stranger.get(path)

    assert response.status_code == 404
    assert response["Cache-Control"] == "no-store"


@case("AZ-14")
def test_a_form_without_its_token_is_refused_in_words(openfinance):
    from django.test import Client as Http

    http = Http(enforce_csrf_checks=True)

    response = http.post(reverse("account_login"), {"login": "x", "password": "y"})

    require_an_error_page(response, 403)
    assert "Nothing was changed" in response.content.decode()


@case("ER-02")
def test_too_many_fields_are_refused(stranger):
    response = stranger.post(
        reverse("account_login"), {f"f{number}": "x" for number in range(1001)}
    )

    require_an_error_page(response, 400)


@case("ER-06")
def test_the_error_page_needs_no_request_and_no_database(stranger, django_assert_num_queries):
    with django_assert_num_queries(0):
        require_an_error_page(stranger.get("/accounts/login/", HTTP_HOST="evil.example"), 400)


@case("ER-06")
def test_a_fault_in_the_error_page_leaves_a_plain_sentence(stranger, monkeypatch):
    def fails(*args, **kwargs):
        raise ValueError("Missing staticfiles manifest entry for '/secret'")

    monkeypatch.setattr("authserver.web.pages.render_to_string", fails)
    response = stranger.get("/nowhere", headers={"Accept": "text/html"})

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/plain")
    assert "does not exist" in response.content.decode()
    assert "secret" not in response.content.decode()
