"""A running conformance suite, over its REST interface."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import httpx

FINISHED = ("FINISHED", "INTERRUPTED")
LONG_POLL = 30.0  # seconds; the longest that the suite answers
PAUSES = (0.2, 1.0, 5.0)  # seconds before a GET is asked again
LONGEST_MODULE = 300.0  # seconds; what waits for a person never ends by itself


class SuiteFailed(Exception):
    """The suite did not do what it was asked; the text shows what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan that the suite made: its modules in order, each with its own variant."""

    id: str
    modules: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a module. ``result`` is the suite's word; ``log`` its entries in order."""

    id: str
    status: str
    result: str
    seconds: float
    log: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Every call may raise SuiteFailed."""

    base: str
    http: httpx.Client

    @classmethod
    def at(cls, base: str, *, ca_file: str = "", token: str = "") -> Self:
        """``ca_file`` is trusted instead of the system's CAs; ``token`` is the suite's API token,
        which an instance in development mode does not need."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        http = httpx.Client(
            base_url=base, verify=ca_file or True, headers=headers, timeout=90, trust_env=False
        )
        return cls(base=base, http=http)

    def version(self) -> str:
        return str(self._call("GET", "/api/server")["version"])

    def create_plan(
        self, name: str, *, variant: Mapping[str, str], configuration: Mapping[str, Any]
    ) -> Plan:
        query = {"planName": name, "variant": json.dumps(dict(variant))}
        made = self._call("POST", "/api/plan", params=query, json=configuration)
        return Plan(id=made["id"], modules=made["modules"])

    def plan(self, plan_id: str) -> Plan | None:
        """The plan, if the suite still has it."""
        answer = self._answer("GET", f"/api/plan/{plan_id}")
        if not answer.is_success:
            return None
        return Plan(id=plan_id, modules=answer.json()["modules"])

    def run(self, plan: Plan, module: Mapping[str, Any]) -> Outcome:
        """Run one module to its end; one that does not end by itself is stopped."""
        began = time.monotonic()
        query = {
            "test": module["testModule"],
            "plan": plan.id,
            "variant": json.dumps(module.get("variant") or {}),
        }
        run_id = self._call("POST", "/api/runner", params=query)["id"]
        state = self._wait(run_id, ("CONFIGURED", "WAITING", *FINISHED), until=began)
        if state == "CONFIGURED":
            self._start(run_id)
        if state not in FINISHED and self._wait(run_id, FINISHED, until=began) is None:
            self._answer("DELETE", f"/api/runner/{run_id}")
        info = self._call("GET", f"/api/info/{run_id}")
        return Outcome(
            id=run_id,
            status=str(info.get("status")),
            result=str(info.get("result")),
            seconds=time.monotonic() - began,
            log=self._call("GET", f"/api/log/{run_id}"),
        )

    def _start(self, run_id: str) -> None:
        """A busy suite may start the module and then fail to say so: its state decides."""
        answer = self._answer("POST", f"/api/runner/{run_id}")
        if answer.is_success:
            return
        if self._call("GET", f"/api/info/{run_id}")["status"] == "CONFIGURED":
            raise SuiteFailed(f"The suite answered {answer.status_code} and did not start {run_id}")

    def _wait(self, run_id: str, states: Sequence[str], *, until: float) -> str | None:
        """The state it came to, or None when the longest time for a module is over."""
        while (left := until + LONGEST_MODULE - time.monotonic()) > 0:
            query = {
                "states": ",".join(states),
                "timeoutMs": str(int(min(LONG_POLL, left) * 1000) + 1),
            }
            answer = self._answer("GET", f"/api/runner/{run_id}/wait-state", params=query)
            if answer.status_code == httpx.codes.NOT_FOUND:
                return str(self._call("GET", f"/api/info/{run_id}")["status"])
            if answer.is_success and (state := answer.json().get("state")):
                return str(state)
        return None

    def _call(self, method: str, path: str, **sent: Any) -> Any:
        answer = self._answer(method, path, **sent)
        if not answer.is_success:
            text = answer.text[:300]
            raise SuiteFailed(f"The suite answered {answer.status_code} to {path}: {text}")
        return answer.json() if answer.content else None

    def _answer(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """The suite's answer; a GET that met a fault of its own is asked again a moment later."""
        try:
            answer = self.http.request(method, path, **sent)
            for pause in PAUSES if method == "GET" else ():
                if not answer.is_server_error:
                    break
                time.sleep(pause)
                answer = self.http.request(method, path, **sent)
        except httpx.HTTPError as error:
            raise SuiteFailed(f"The suite at {self.base} does not answer: {error}") from None
        return answer
