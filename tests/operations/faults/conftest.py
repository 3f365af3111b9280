"""The valid requests of a client, a bank and a person, each to be made under a fault."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from consents.models import Consent
from tests.support import details
from tests.support.person import decision_on

MACHINES = (
    "push",
    "push a signed request",
    "push a rich request",
    "redeem",
    "redeem by DPoP",
    "refresh",
    "client_credentials",
    "introspect",
    "userinfo",
    "revoke",
)
PEOPLE = ("open", "approve", "resume", "resume a refusal", "stop sharing")
DOORS = pytest.mark.parametrize("door", [*MACHINES, *PEOPLE])


@pytest.fixture
def visit(request, door, tpp, rs, person):
    """Send the door's valid request, anew with every call; the test client raises nothing.

    What the request needs, like a code, is prepared once, so only one visit of some can succeed.
    """
    if "DPoP" in door:
        tpp = request.getfixturevalue("dpop_tpp")
    made = PREPARED[door](tpp, rs, person)
    for http in (tpp.http, rs.http, person.browser):
        http.raise_request_exception = False
    return made


def code_of(tpp: Any, person: Any) -> str:
    return str(person.approves(tpp, tpp.push().json()["request_uri"])["code"])


def granted_to(tpp: Any, person: Any) -> dict[str, Any]:
    return dict(tpp.redeem(code_of(tpp, person)).json())


def redeem(tpp: Any, rs: Any, person: Any) -> Callable[[], Any]:
    code = code_of(tpp, person)
    return lambda: tpp.redeem(code)


def refresh(tpp: Any, rs: Any, person: Any) -> Callable[[], Any]:
    token = granted_to(tpp, person)["refresh_token"]
    return lambda: tpp.refresh(token)


def introspect(tpp: Any, rs: Any, person: Any) -> Callable[[], Any]:
    token = granted_to(tpp, person)["access_token"]
    return lambda: rs.introspect(token)


def userinfo(tpp: Any, rs: Any, person: Any) -> Callable[[], Any]:
    token = granted_to(tpp, person)["access_token"]
    return lambda: tpp.userinfo(token)


def revoke(tpp: Any, rs: Any, person: Any) -> Callable[[], Any]:
    token = granted_to(tpp, person)["refresh_token"]
    return lambda: tpp.revoke(token)


def open_the_request(tpp: Any, rs: Any, person: Any) -> Callable[[], Any]:
    request_uri = tpp.push().json()["request_uri"]
    query = {"client_id": tpp.client_id, "request_uri": request_uri}
    return lambda: person.browser.get("/openfinance/authorize", query)


def decide(decision: str, tpp: Any, person: Any) -> Callable[[], Any]:
    page = person.opens(tpp, tpp.push().json()["request_uri"])
    form = decision_on(page, decision)
    return lambda: person.browser.post(page.request["PATH_INFO"], form)


def resume(decision: str, tpp: Any, person: Any) -> Callable[[], Any]:
    """The visit after the decision, which answers the client."""
    decided = decide(decision, tpp, person)()
    return lambda: person.browser.get(decided["Location"])


def stop_sharing(tpp: Any, rs: Any, person: Any) -> Callable[[], Any]:
    granted_to(tpp, person)
    path = reverse("consents:revoke", kwargs={"pk": Consent.objects.get().pk})
    return lambda: person.browser.post(path)


PREPARED: dict[str, Callable[[Any, Any, Any], Callable[[], Any]]] = {
    "push": lambda tpp, rs, person: tpp.push,
    "push a signed request": lambda tpp, rs, person: tpp.push_signed,
    "push a rich request": lambda tpp, rs, person: (
        lambda: tpp.push(
            authorization_details=json.dumps([details.account_information(now=timezone.now())])
        )
    ),
    "redeem": redeem,
    "redeem by DPoP": redeem,
    "refresh": refresh,
    "client_credentials": lambda tpp, rs, person: (
        lambda: tpp.token(grant_type="client_credentials", scope="accounts")
    ),
    "introspect": introspect,
    "userinfo": userinfo,
    "revoke": revoke,
    "open": open_the_request,
    "approve": lambda tpp, rs, person: decide("approve", tpp, person),
    "resume": lambda tpp, rs, person: resume("approve", tpp, person),
    "resume a refusal": lambda tpp, rs, person: resume("refuse", tpp, person),
    "stop sharing": stop_sharing,
}
