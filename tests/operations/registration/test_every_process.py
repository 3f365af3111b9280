"""Four processes keep copies of what is registered; a change of it counts at the next call of each.

That no field can be forgotten is held by ``test_versions``; here it is one change of each kind.
"""

import json
from typing import Any

import pytest

from tests.support.tpp import ASSERTION_TYPE
from tests.support.world import BANK

case = pytest.mark.case
requirement = pytest.mark.requirement

CALLS = 12
GONER = {"client_id": "goner"}
OPENFINANCE = {"slug": "openfinance"}
CHANGES: dict[str, tuple[str, dict[str, Any], str, Any, int]] = {
    "a suspended client": ("Client", GONER, "state", "suspended", 401),
    "a scope taken back": ("Client", GONER, "scopes", [], 400),
    "a grant taken back": ("Client", GONER, "grant_types", ["authorization_code"], 400),
    "other addresses": ("Client", GONER, "allowed_addresses", ["192.0.2.1"], 401),
    "another method": ("Client", GONER, "token_endpoint_auth_method", "tls_client_auth", 401),
    "a suspended participant": ("Participant", {"clients__client_id": "goner"}, "state",
                                "suspended", 401),
    "other keys": ("Client", GONER, "client_jwks", {"keys": []}, 401),
    "an ecosystem switched off": ("Ecosystem", OPENFINANCE, "is_active", False, 404),
    "a scope of the ecosystem": ("Ecosystem", OPENFINANCE, "client_credentials_scopes", [], 400),
    "another profile": ("Ecosystem", OPENFINANCE, "profile", "cbuae", 401),
    "a resource server switched off": ("ResourceServer", {"identifier": BANK}, "is_active", False,
                                       400),
    "a key withdrawn": ("SigningKey", {"ecosystem__slug": "openfinance", "state": "active",
                        "algorithm": "PS256"}, "state", "withdrawn", 503),
}  # fmt: skip


@pytest.fixture(scope="module")
def registrar(server):
    assert server.kit
    with server.program("tests.operations.registration.registrar") as tell:
        yield lambda *change: json.loads(tell(json.dumps(change)))


def statuses(server):
    """What twelve calls at once are answered, by whichever process takes each."""
    assertions = server.assertions(CALLS, client_id="goner")

    def call(http, racer):
        form = {
            "grant_type": "client_credentials",
            "scope": "accounts",
            "resource": BANK,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertions[racer],
        }
        return server.post(http, "/token", form)

    return {each.status_code for each in server.race(call, racers=CALLS)}


@case("CD-15")
@requirement("RFC6749-2.3")
@pytest.mark.parametrize("change", CHANGES)
def test_it_counts_at_the_next_call(server, registrar, change):
    name, whom, column, value, status = CHANGES[change]
    assert statuses(server) == {200}

    before = registrar(name, whom, column, value)
    assert statuses(server) == {status}

    if column == "state" and name == "SigningKey":
        whom = whom | {"state": value}
    registrar(name, whom, column, before)
    assert statuses(server) == {200}
