"""One one-time code is one login, however many browsers show it at the same moment."""

from typing import Any

import httpx
import pytest

from tests.operations.races.browsers import RACERS, Browser
from tests.support.authenticator_app import App
from tests.support.guest import PASSWORD

case = pytest.mark.case


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
