"""What may be used once is used once: sixteen callers at once, against four processes.

The same contract holds on PostgreSQL and on SQLite.
"""

import json

import pytest

from tests.support.live_server import ROUNDS
from tests.support.tpp import ASSERTION_TYPE, VALID_REQUEST, VERIFIER
from tests.support.world import CALLBACK

case = pytest.mark.case
requirement = pytest.mark.requirement


@case("CD-02")
@requirement("FAPI2-SP-FINAL-5.3.2.2-9", "RFC6749-4.1.2")
def test_a_code_is_redeemed_by_one(server):
    for code in server.kit["codes"]:
        assertions = server.assertions()

        def redeem(http, racer, code=code, assertions=assertions):
            return server.post(
                http,
                "/token",
                {
                    "grant_type": "authorization_code",
                    "code": code,
                    "redirect_uri": CALLBACK,
                    "code_verifier": VERIFIER,
                    "client_assertion_type": ASSERTION_TYPE,
                    "client_assertion": assertions[racer],
                },
            )

        answers = server.race(redeem)
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] + [400] * 15, [answer.text for answer in answers]
        refusals = {answer.json()["error"] for answer in answers if answer.status_code == 400}
        assert refusals == {"invalid_grant"}
    doubled = (
        "SELECT count(*) FROM (SELECT authorization_code_id FROM tokens_{}"
        " WHERE {} GROUP BY authorization_code_id HAVING count(*) > 1) AS doubled"
    )
    assert server.count(doubled.format("refreshtoken", "1 = 1")) == 0
    assert server.count(doubled.format("accesstoken", "refresh_token_id IS NULL")) == 0


@case("CA-44")
@requirement("RFC7523-3")
def test_an_assertion_is_used_by_one(server):
    for assertion in server.assertions(ROUNDS):

        def push(http, racer, assertion=assertion):
            form = VALID_REQUEST | {
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion,
            }
            return server.post(http, "/par", form)

        statuses = sorted(answer.status_code for answer in server.race(push))
        assert statuses == [201] + [401] * 15


@case("AZ-04", "AZ-18")
@requirement("PAR-7.3")
def test_a_request_uri_is_completed_by_one(server):
    before = server.count("SELECT count(*) FROM tokens_authorizationcode")
    for prepared in server.kit["decided"]:
        browsers = prepared["browsers"]

        def resume(http, racer, browsers=browsers):
            handle, cookie = browsers[racer % len(browsers)]
            headers = {"Host": "as.example.com", "X-Forwarded-Proto": "https", "Cookie": cookie}
            return http.get(f"/openfinance/authorize/{handle}", headers=headers)

        answers = server.race(resume)
        assert {answer.status_code for answer in answers} <= {200, 400}
        assert sum("code=" in answer.text for answer in answers) == 1
    after = server.count("SELECT count(*) FROM tokens_authorizationcode")
    assert after - before == len(server.kit["decided"])


@case("TK-10", "TK-18")
@requirement("CBUAE-2.4c")
def test_no_token_survives_a_revocation_that_races_refreshes(server):
    alive = (
        "SELECT count(*) FROM tokens_accesstoken a JOIN tokens_refreshtoken r"
        " ON r.id = a.refresh_token_id WHERE a.revoked_at IS NULL AND r.revoked IS NULL"
    )
    before = server.count(alive)
    for token in server.kit["refreshes"]:
        assertions = server.assertions()

        def send(http, racer, token=token, assertions=assertions):
            if racer == 0:
                form = {"token": token}
                path = "/revoke"
            else:
                form = {"grant_type": "refresh_token", "refresh_token": token}
                path = "/token"
            form |= {
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertions[racer],
            }
            return server.post(http, path, form)

        answers = server.race(send, racers=8)
        assert answers[0].status_code == 200
        assert {answer.status_code for answer in answers[1:]} <= {200, 400}
    assert server.count(alive) == before


@case("TK-18")
def test_refreshes_at_the_same_moment_all_succeed(server):
    assertions = server.assertions()

    def refresh(http, racer):
        form = {
            "grant_type": "refresh_token",
            "refresh_token": server.kit["living"],
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertions[racer],
        }
        return server.post(http, "/token", form)

    answers = server.race(refresh)
    assert [answer.status_code for answer in answers] == [200] * 16
    assert len({answer.json()["access_token"] for answer in answers}) == 16


@case("CA-64", "CD-15")
def test_no_token_is_given_after_a_suspension_was_acknowledged(server):
    given = 0
    with server.program("tests.operations.races.operator", "goner") as tell:
        for _ in range(3):
            assertions = server.assertions(client_id="goner")
            assert tell("activate") == str(given)
            acknowledged: list[int] = []

            def send(http, racer, assertions=assertions, acknowledged=acknowledged):
                if racer == 8:
                    acknowledged.append(int(tell("suspend")))
                form = {
                    "grant_type": "client_credentials",
                    "scope": "accounts",
                    "client_assertion_type": ASSERTION_TYPE,
                    "client_assertion": assertions[racer],
                }
                return server.post(http, "/token", form)

            answers = server.race(send)

            assert answers[8].status_code == 401
            assert {answer.status_code for answer in answers} <= {200, 401}
            given += sum(answer.status_code == 200 for answer in answers)
            assert acknowledged == [given]
        assert tell("activate") == str(given)


@case("TK-20")
@requirement("CBUAE-2.4c")
def test_a_payment_is_used_up_by_one(server):
    assert server.kit["certificate"]  # its client and its person are what this needs
    found = json.loads(server.run("-m", "tests.operations.races.payer"))

    assert len(found["used"]) == 10
    assert set(found["used"]) == set(found["events"]) == {1}


@requirement("CBUAE-2.4c")
def test_one_consent_of_a_name_is_approved(server):
    assert server.kit["certificate"]  # its client and its person are what this needs
    found = json.loads(server.run("-m", "tests.operations.races.namesakes"))

    assert len(found["approved"]) == 10
    assert set(found["approved"]) == set(found["authorized"]) == {1}
