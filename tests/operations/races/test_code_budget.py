"""However many wrong codes arrive at the same moment, no more are looked at than are left."""

from typing import Any

import httpx
import pytest

from authserver.accounts.code_budget import BUDGET
from tests.operations.races.browsers import RACERS, Browser
from tests.support.authenticator_app import wrong_code
from tests.support.guest import PASSWORD

case = pytest.mark.case

LEFT = 2
FAILED = "SELECT count(*) FROM audit_auditevent WHERE event = 'login.failed'"
BLOCKED = "until your bank lifts the block. Please contact it"


@case("LG-06")
def test_no_more_wrong_codes_are_looked_at_than_are_left(server):
    server.run("-m", "tests.operations.races.seed_guesser", str(BUDGET - LEFT))
    browsers = [Browser(server.url) for _ in range(RACERS)]
    tokens = []
    for browser in browsers:
        token = browser.token("/accounts/login/")
        form = {"login": "guesser", "password": PASSWORD, "csrfmiddlewaretoken": token}
        assert browser.send("POST", "/accounts/login/", **form).status_code == 303
        tokens.append(browser.token("/accounts/second-factor/enter/"))
    code, before = wrong_code(), server.count(FAILED)

    def show(http: httpx.Client, racer: int) -> Any:
        form = {"code": code, "csrfmiddlewaretoken": tokens[racer]}
        return browsers[racer].send("POST", "/accounts/second-factor/enter/", **form)

    answers = server.race(show, racers=RACERS)

    assert [answer.status_code for answer in answers] == [200] * RACERS
    assert sum(BLOCKED in answer.text for answer in answers) == RACERS - LEFT + 1
    assert server.count("SELECT spent FROM accounts_wrongcodes") == BUDGET
    assert server.count(FAILED) == before + LEFT
