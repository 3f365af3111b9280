"""A token that was seen dead stays dead: four ask all the time while it is revoked."""

import threading
import time

import pytest

from tests.support.tpp import ASSERTION_TYPE

case = pytest.mark.case
requirement = pytest.mark.requirement

POLLERS = 4
BEFORE, AFTERWARDS = 3, 5  # questions of each, before the revocation begins and after its answer


def authenticated(assertion, **form):
    return form | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


@case("IR-11")
@requirement("RFC7009-2.1")
def test_once_inactive_a_token_is_never_active_again(server):
    prepared = server.kit["polled"]
    asked = [server.assertions(40, client_id=server.kit["bank"]) for _ in range(POLLERS)]
    [by_the_tpp] = server.assertions(1)
    ready = threading.Barrier(POLLERS + 1, timeout=60)
    revoked = threading.Event()
    revoked_at = []
    seen = []  # when the question was sent, when its answer came, and what it was

    def ask(http, assertion):
        form = authenticated(assertion, token=prepared["access_token"])
        sent = time.monotonic()
        answer = server.post(http, "/introspect", form)
        assert answer.status_code == 200, answer.text
        seen.append((sent, time.monotonic(), answer.json()["active"]))
        return answer

    def poll(http, racer):
        assertions = asked[racer]
        for assertion in assertions[:BEFORE]:
            ask(http, assertion)
        ready.wait()
        for assertion in assertions[BEFORE:-AFTERWARDS]:
            if revoked.is_set():
                break
            ask(http, assertion)
        assert revoked.wait(timeout=60)
        return [ask(http, assertion) for assertion in assertions[-AFTERWARDS:]][-1]

    def revoke(http, racer):
        ready.wait()
        form = authenticated(by_the_tpp, token=prepared["refresh_token"])
        answer = server.post(http, "/revoke", form)
        revoked_at.append(time.monotonic())
        revoked.set()
        return answer

    answers = server.race(
        lambda http, racer: (revoke if racer == POLLERS else poll)(http, racer), racers=POLLERS + 1
    )

    assert [answer.status_code for answer in answers] == [200] * (POLLERS + 1)
    assert [active for _, _, active in seen].count(True) >= BEFORE * POLLERS
    first_death = min(came for _, came, active in seen if not active)
    assert not [1 for sent, _, active in seen if active and sent > first_death], "it came back"
    assert not [1 for sent, _, active in seen if active and sent > revoked_at[0]], "it lived on"
