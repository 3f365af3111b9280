"""What every test may ask for: two ecosystems, a correct client, a person, a clock."""

import gc
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client as Http
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as properties

from authserver import outbound
from authserver.storage import kept
from clients import registration
from tests.support import answers, certificates, clock, world
from tests.support.ca import CA
from tests.support.chromium import chromium
from tests.support.dpop import Prover
from tests.support.empty_database import empty_database
from tests.support.flushed import django_db_setup, there_is_a_test_database
from tests.support.live_server import database_url, server
from tests.support.person import Person
from tests.support.rsa_keys import pytest_configure
from tests.support.schedule import (
    pytest_collection_modifyitems,
    pytest_collectstart,
    pytest_xdist_make_scheduler,
)
from tests.support.tpp import ThirdParty

__all__ = [
    "chromium",
    "database_url",
    "django_db_setup",
    "empty_database",
    "pytest_collection_modifyitems",
    "pytest_collectstart",
    "pytest_configure",
    "pytest_xdist_make_scheduler",
    "server",
]

# How long an example takes says how busy the machine is.
properties.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
properties.load_profile("suite")


def pytest_collection() -> None:
    """What is imported and collected stays: nobody has to look for garbage in it, now or later."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture
def keys_at_hand(monkeypatch) -> None:
    """A server makes no key of its own: it gets the first, the second, ... of the run."""
    made: Counter[str] = Counter()

    def next_key(algorithm: str) -> str:
        made[algorithm] += 1
        return world.server_key_pem(algorithm, made[algorithm])

    monkeypatch.setattr("authserver.keys.actions.jose.generate", next_key)


@pytest.fixture
def openfinance(db) -> Any:
    """An ecosystem under the FAPI 2.0 Security Profile: plain and signed requests."""
    return world.ecosystem("openfinance", profile="fapi2-security")


@pytest.fixture
def uae(db) -> Any:
    return world.ecosystem("uae", profile="cbuae")


@pytest.fixture
def bank(openfinance) -> Any:
    return world.bank(openfinance)


@pytest.fixture
def make_tpp():
    """Make a correct client with these settings changed."""

    def make(client_id: str, ecosystem: Any, **changes: Any) -> ThirdParty:
        name = changes.pop("participant_name", client_id.title())
        owner = world.participant(name, ecosystem=ecosystem)
        made = world.client(client_id, participant=owner, **changes)
        return ThirdParty(client=made, http=Http(), certificate=certificates.transport(client_id))

    return make


@pytest.fixture
def tpp(openfinance, bank, make_tpp) -> ThirdParty:
    """A correct client of openfinance: private_key_jwt, tokens bound to its certificate."""
    return make_tpp("tpp", openfinance)


@pytest.fixture
def other_tpp(tpp, openfinance, make_tpp) -> ThirdParty:
    return make_tpp("other", openfinance, redirect_uris="https://other.example.com/callback")


@pytest.fixture
def dpop_tpp(openfinance, bank, make_tpp) -> ThirdParty:
    """A correct client whose tokens are bound by DPoP."""
    made = make_tpp("dpop-tpp", openfinance, dpop_bound_access_tokens=True)
    made.certificate = None
    made.prover = Prover()
    return made


@pytest.fixture
def uae_tpp(uae, make_tpp) -> ThirdParty:
    world.bank(uae)
    return make_tpp("uae-tpp", uae, require_signed_request_object=True)


@pytest.fixture
def rs(bank) -> ThirdParty:
    """The bank, as the client that introspects."""
    return ThirdParty(
        client=bank.client, http=Http(), certificate=certificates.transport(bank.client.client_id)
    )


@pytest.fixture
def person(openfinance) -> Person:
    made = Person(world.person("mariam", openfinance), Http())
    made.sign_in()
    return made


@pytest.fixture
def granted(tpp, person) -> dict[str, Any]:
    """The token response of a whole flow with the valid request."""
    request_uri = tpp.push().json()["request_uri"]
    answer = person.approves(tpp, request_uri)
    response = tpp.redeem(answer["code"])
    assert response.status_code == 200, response.content
    return dict(response.json())


@pytest.fixture
def ca(monkeypatch) -> CA:
    """The host of the CAs' revocation lists."""
    made = CA()
    monkeypatch.setattr(outbound, "fetch_signed", made.fetch_signed)
    return made


@pytest.fixture
def forbid_fetching(monkeypatch):
    """Nothing in this test may go out to the network."""

    def goes_out(*asked: object, **how: object) -> None:
        raise AssertionError(f"{asked} was fetched")

    monkeypatch.setattr("authserver.outbound.fetch.fetching", goes_out)


@pytest.fixture
def at():
    """Move the clock: ``with at(seconds=61): ...``."""
    return clock.at


@pytest.fixture
def still() -> Iterator[None]:
    """The clock stands, from before the other fixtures if this is named first."""
    with clock.still():
        yield


@pytest.fixture(scope="session", autouse=True)
def every_answer_is_looked_at() -> Iterator[None]:
    """Whatever a test asks over Django's client, no answer tells a number of our own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Http, "request", answers.looked_at)
        yield


@pytest.fixture(autouse=True)
def language_of_the_settings() -> None:
    """A request leaves its language behind in the thread; no test begins with that of another."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def nothing_is_kept() -> None:
    """Every test begins as a new process does: with no copy of what is registered or published."""
    kept.forget()
    registration.KEPT_ECOSYSTEMS.clear()
    registration.KEPT_CLIENTS.clear()


@pytest.fixture(scope="session", autouse=True)
def nobody_is_left_in_the_database(request, django_db_blocker):
    """A thread that a test has forgotten must not keep PostgreSQL from dropping the database."""
    on_postgresql = "postgresql" in settings.DATABASES["default"]["ENGINE"]
    if on_postgresql:
        request.getfixturevalue("django_db_setup")  # so that this ends before the database does
    yield
    if on_postgresql and there_is_a_test_database():
        with django_db_blocker.unblock():
            connection.close()  # a test may have ended it
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
