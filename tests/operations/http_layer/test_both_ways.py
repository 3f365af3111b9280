"""What every answer carries, whether its view is a machine's, by the short cut, or a page's."""

import re

import pytest
from django.utils import translation

from authserver.web.machines import is_for_machines
from authserver.web.middleware import INTERACTION_ID, ON_EVERY_ANSWER
from docs.generator.endpoint_page import endpoints

case = pytest.mark.case
requirement = pytest.mark.requirement

EXAMPLES = {"slug": "openfinance", "str": "any", "uuid": "5f0c3c66-4d0f-4d31-8f5d-8d4d7a0d9d51"}
PATHS = [
    re.sub(r"<(\w+)>", lambda kind: EXAMPLES.get(str(kind[1]), "1"), each.path)
    for each in endpoints()
]
MACHINES = [path for path in PATHS if is_for_machines(path)]
PAGES = [path for path in PATHS if not is_for_machines(path)]
EVERY = pytest.mark.parametrize("path", [*PATHS, "/nowhere", "/openfinance/token/"])
HEADERS = {*ON_EVERY_ANSWER, INTERACTION_ID, "Content-Security-Policy", "Strict-Transport-Security"}
HEADERS |= {"Cross-Origin-Opener-Policy", "Content-Length"}
SENT = "c770aef3-6784-41f7-8e0e-ff5f97bddb3a"


def test_both_ways_are_used():
    of_the_core = ("token", "par", "introspect", "revoke", "userinfo", "jwks")
    assert {f"/openfinance/{name}" for name in of_the_core} <= set(MACHINES)
    assert {"/admin/", "/accounts/login/", "/openfinance/authorize"} <= set(PAGES)


@case("HT-14")
@EVERY
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_every_answer_has_the_same_headers(client, openfinance, path, method):
    response = getattr(client, method)(path, secure=True, headers={INTERACTION_ID: SENT})

    assert set(response.headers) >= HEADERS
    assert response[INTERACTION_ID] == SENT
    values = {name: response[name] for name in ON_EVERY_ANSWER if name != "Cache-Control"}
    assert values.items() <= ON_EVERY_ANSWER.items() | {("Referrer-Policy", "no-referrer")}
    assert response["Strict-Transport-Security"].startswith("max-age=31536000")


@EVERY
def test_nobody_is_answered_without_tls(client, openfinance, settings, path):
    settings.SECURE_SSL_REDIRECT = True

    response = client.post(path)

    assert (response.status_code, response["Location"]) == (301, f"https://testserver{path}")


@case("HT-02")
@EVERY
def test_nobody_is_answered_under_another_name(client, openfinance, path):
    response = client.get(path, headers={"host": "evil.example.com"})

    assert response.status_code == 400


@case("ER-01")
@EVERY
def test_nothing_unreadable_arrives(client, openfinance, path):
    response = client.post(path, {"name": "\x00"})

    assert response.status_code == 400


@pytest.mark.parametrize("path", MACHINES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_machines_view_has_no_session_and_needs_none(person, path, method):
    response = getattr(person.browser, method)(path)

    asked = response.wsgi_request
    assert not any(hasattr(asked, name) for name in ("session", "user", "_messages"))
    assert "Set-Cookie" not in response.headers
    assert not response.cookies
    assert "Vary" not in response
    assert hasattr(person.browser.get("/accounts/login/").wsgi_request, "session")


@pytest.mark.parametrize("path", MACHINES)
def test_a_machine_is_answered_in_english(client, openfinance, path):
    """The thread's last page was in another language, and the machine's library asks for one."""
    client.get("/accounts/login/", headers={"accept-language": "ar"})
    assert translation.get_language() == "ar"

    response = client.get(path, headers={"accept-language": "ar"})

    assert translation.get_language() == "en"
    assert response.content.isascii()


@case("ER-06")
@pytest.mark.parametrize("path", [*MACHINES, *(f"{path}/" for path in MACHINES)])
def test_a_machine_gets_no_page(client, db, path):
    """No ecosystem is there, so that each of these is an error."""
    response = client.get(path, headers={"accept": "text/html"})

    assert response.status_code >= 400
    assert b"<" not in response.content


def test_a_view_that_answers_no_page_says_that_it_is_a_machines(client, openfinance):
    """The published rules are both a page and JSON; a page has a language."""
    answered = {path: client.get(path) for path in PAGES}

    data = {
        path
        for path, response in answered.items()
        if response.status_code < 300 and not response["Content-Type"].startswith("text/html")
    }
    assert data == {"/openfinance/profile"}


@case("ER-05")
def test_a_fault_of_a_machines_view_is_answered_as_any_other(client, openfinance, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("authserver.endpoints.documents.ecosystem_of", lambda slug: 1 / 0)

    response = client.get("/openfinance/jwks")

    assert (response.status_code, response.json()["error"]) == (500, "server_error")
    assert set(response.headers) >= HEADERS - {"Strict-Transport-Security"}
