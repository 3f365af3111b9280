"""One one-time code is one login, however many browsers show it at the same moment."""

import re
from typing import Any

import httpx
import pytest

from tests.support.authenticator_app import App
from tests.support.guest import PASSWORD
from tests.support.live_server import NO_TLS

case = pytest.mark.case

RACERS = 4  # as many as may try in five minutes
FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """Keeps cookies that are for https alone; this test speaks http, as the proxy does."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}

    def send(self, method: str, path: str, **form: str) -> Any:
        headers = {
            "Host": "as.example.com",
            "X-Forwarded-Proto": "https",
            "Origin": "https://as.example.com",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        response = httpx.request(
            method,
            self.url + path,
            data=form or None,
            headers=headers,
            timeout=30,
            verify=NO_TLS,
        )
        for line in response.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response

    def token(self, path: str) -> str:
        found = FIELD.search(self.send("GET", path).text)
        assert found
        return found[1]


@case("LG-06")
def test_one_code_shown_by_several_browsers_signs_one_in(server):
    server.run("-m", "tests.operations.races.seed_login")
    browsers = [Browser(server.url) for _ in range(RACERS)]
    tokens = []
    for browser in browsers:
        token = browser.token("/accounts/login/")
        form = {"login": "racer", "password": PASSWORD, "csrfmiddlewaretoken": token}
        assert browser.send("POST", "/accounts/login/", **form).status_code == 303
        tokens.append(browser.token("/accounts/second-factor/enter/"))
    code = App().code(steps=1)

    def show(http: httpx.Client, racer: int) -> Any:
        form = {"code": code, "csrfmiddlewaretoken": tokens[racer]}
        return browsers[racer].send("POST", "/accounts/second-factor/enter/", **form)

    answers = server.race(show, racers=RACERS)

    assert sorted(answer.status_code for answer in answers) == [200] * (RACERS - 1) + [303]
    signed_in = [browser.send("GET", "/accounts/").status_code for browser in browsers]
    assert sorted(signed_in) == [200] + [303] * (RACERS - 1)
