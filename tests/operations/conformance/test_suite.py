"""The REST interface of the suite, as a stand-in answers it."""

import json

import httpx
import pytest

from deploy.conformance.suite import Plan, Suite, SuiteFailed

MODULE = {"testModule": "happy-flow", "variant": {"openid": "plain_oauth"}}
PLAN = Plan(id="p1", modules=[MODULE])


class StandIn:
    """Answers by method and path; ``states`` are what the waiting for a module says in turn.

    ``faults`` are answered 500, once each.
    """

    status = "FINISHED"

    def __init__(self, *states, faults=()):
        self.states = list(states)
        self.faults = list(faults)
        self.asked = []

    def __call__(self, request):
        self.asked.append((request.method, request.url.path, dict(request.url.params)))
        called = f"{request.method} {request.url.path}"
        if called in self.faults:
            self.faults.remove(called)
            return httpx.Response(500, text="a fault of its own")
        match request.method, request.url.path:
            case "POST", "/api/plan":
                return httpx.Response(201, json={"id": "p1", "modules": [MODULE]})
            case "POST", "/api/runner":
                return httpx.Response(201, json={"id": "m1"})
            case "GET", "/api/runner/m1/wait-state":
                return httpx.Response(200, json=self.states.pop(0))
            case "GET", "/api/info/m1":
                return httpx.Response(200, json={"status": self.status, "result": "PASSED"})
            case "GET", "/api/log/m1":
                return httpx.Response(200, json=[{"result": "SUCCESS"}])
            case "POST" | "DELETE", "/api/runner/m1":
                return httpx.Response(200)
        return httpx.Response(404, text="nothing here")


def at(stand_in):
    http = httpx.Client(
        base_url="https://suite.example.com", transport=httpx.MockTransport(stand_in)
    )
    return Suite(base="https://suite.example.com", http=http)


def test_a_module_runs_in_its_own_variant_to_its_end():
    stand_in = StandIn({"state": "WAITING"}, {"timeout": True}, {"state": "FINISHED"})
    outcome = at(stand_in).run(PLAN, MODULE)
    assert (outcome.result, len(outcome.log)) == ("PASSED", 1)
    method, path, query = stand_in.asked[0]
    assert (method, path) == ("POST", "/api/runner")
    assert query["plan"] == "p1"
    assert json.loads(query["variant"]) == MODULE["variant"]


def test_a_module_that_waits_to_be_started_is_started():
    stand_in = StandIn({"state": "CONFIGURED"}, {"state": "FINISHED"})
    at(stand_in).run(PLAN, MODULE)
    assert ("POST", "/api/runner/m1", {}) in stand_in.asked


def test_a_module_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr("deploy.conformance.suite.LONGEST_MODULE", 0.0)
    stand_in = StandIn()
    at(stand_in).run(PLAN, MODULE)
    assert ("DELETE", "/api/runner/m1", {}) in stand_in.asked


def test_a_plan_is_made_with_its_variant():
    stand_in = StandIn()
    plan = at(stand_in).create_plan("a-plan", variant={"openid": "x"}, configuration={})
    assert plan == PLAN
    assert json.loads(stand_in.asked[0][2]["variant"]) == {"openid": "x"}


def test_a_plan_that_the_suite_forgot_is_none():
    assert at(StandIn()).plan("p0") is None


def test_what_the_suite_refuses_is_said():
    with pytest.raises(SuiteFailed, match="404"):
        at(StandIn()).version()


def test_a_get_that_met_a_fault_is_asked_again(monkeypatch):
    monkeypatch.setattr("deploy.conformance.suite.PAUSES", (0,))
    stand_in = StandIn({"state": "FINISHED"}, faults=["GET /api/info/m1", "GET /api/log/m1"])
    assert at(stand_in).run(PLAN, MODULE).result == "PASSED"
    with pytest.raises(SuiteFailed, match="500"):
        at(StandIn({"state": "FINISHED"}, faults=["GET /api/info/m1"] * 2)).run(PLAN, MODULE)


def test_a_start_that_was_not_confirmed_is_judged_by_what_became_of_the_module():
    states = ({"state": "CONFIGURED"}, {"state": "FINISHED"})
    stand_in = StandIn(*states, faults=["POST /api/runner/m1"])
    assert at(stand_in).run(PLAN, MODULE).result == "PASSED"

    stand_in = StandIn(*states, faults=["POST /api/runner/m1"])
    stand_in.status = "CONFIGURED"
    with pytest.raises(SuiteFailed, match="did not start"):
        at(stand_in).run(PLAN, MODULE)
