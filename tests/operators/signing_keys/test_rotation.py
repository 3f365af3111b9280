"""The life of a signing key: what it signed verifies, and what is withdrawn never comes back."""

import json
import threading
from base64 import urlsafe_b64decode

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authserver.audit.models import AuditEvent
from authserver.keys import actions
from authserver.keys.models import SigningKey
from authserver.protocol import jose
from authserver.protocol.errors import InvalidToken
from authserver.protocol.specs import access_token
from authserver.tokens.validity import lock_caller
from tests.support.assertions import nothing_stored, refused
from tests.support.world import BANK

case = pytest.mark.case
requirement = pytest.mark.requirement
State = SigningKey.State


@pytest.fixture
def old(openfinance):
    return SigningKey.objects.get(ecosystem=openfinance, algorithm="PS256")


def made(ecosystem):
    return actions.create(ecosystem, algorithm="PS256", by="boss")


def published(tpp):
    return tpp.http.get("/openfinance/jwks").json()


def new_token(tpp):
    response = tpp.token(grant_type="client_credentials", scope="accounts")
    assert response.status_code == 200, response.content
    return response.json()["access_token"]


def kid_of(token):
    head = token.partition(".")[0]
    return json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]


def verifies(token, tpp):
    """As a resource server sees it that has just read the key set."""
    try:
        access_token.verify(
            token,
            issuer=tpp.ecosystem.issuer,
            audience=BANK,
            keys=jose.import_jwks(published(tpp)),
            algorithms=["PS256"],
            now=timezone.now(),
            clock_skew=tpp.ecosystem.rules.clock_skew,
        )
    except InvalidToken:
        return False
    return True


@case("DS-07")
@requirement("FAPI2-SP-FINAL-5.4.1-1")
def test_at_every_step_a_token_is_signed_by_a_published_key(tpp, openfinance, old):
    first = new_token(tpp)

    new = made(openfinance)
    assert new.kid in {key["kid"] for key in published(tpp)["keys"]}
    assert kid_of(new_token(tpp)) == old.kid, "verifiers may not have learned the new one"

    actions.activate(new, by="boss")
    second = new_token(tpp)
    assert (kid_of(second), kid_of(first)) == (new.kid, old.kid)
    assert verifies(first, tpp)
    assert verifies(second, tpp)

    actions.withdraw(old, by="boss")
    assert not verifies(first, tpp)
    assert verifies(second, tpp)


@case("DS-07")
def test_a_key_that_is_replaced_while_it_signs_stays_published(tpp, openfinance, old, monkeypatch):
    new = made(openfinance)
    sign = jose.sign

    def sign_late(*args, **kwargs):
        actions.activate(new, by="boss")
        return sign(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr("authserver.keys.signing.jose.sign", sign_late)
        token = new_token(tpp)

    assert kid_of(token) == old.kid
    assert verifies(token, tpp)
    assert kid_of(new_token(tpp)) == new.kid


@case("DS-07")
@pytest.mark.parametrize("verb", [actions.activate, actions.retire, actions.withdraw])
def test_a_withdrawn_key_never_comes_back(tpp, openfinance, old, verb):
    """An operator's page may be older than the withdrawal by another one."""
    stale = SigningKey.objects.get(pk=old.pk)
    actions.withdraw(old, by="boss")
    before = AuditEvent.objects.count()

    assert verb(stale, by="another") is False
    old.refresh_from_db()
    assert old.state == State.WITHDRAWN
    assert old.kid not in {key["kid"] for key in published(tpp)["keys"]}
    assert AuditEvent.objects.count() == before


@case("DS-07")
def test_without_a_key_nothing_is_signed(tpp, old):
    actions.withdraw(old, by="boss")

    with nothing_stored():
        response = tpp.token(grant_type="client_credentials", scope="accounts")
    refused(response, "temporarily_unavailable", status=503)
    assert response["Retry-After"] == "5"


@case("DS-07", "TK-10")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", [actions.activate, actions.retire, actions.withdraw])
def test_a_key_changes_when_what_is_being_signed_is_stored(tpp, openfinance, verb):
    """No token is handed out beside an acknowledged withdrawal, as with a revoked consent."""
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite has one writer at a time, which is the same")
    key = made(openfinance)
    faults = []

    def change():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
                verb(key, by="boss")
        except OperationalError as fault:
            faults.append(fault)
        finally:
            connection.close()

    def in_another_connection():
        thread = threading.Thread(target=change)
        thread.start()
        thread.join()

    with transaction.atomic():
        lock_caller(tpp.client)
        in_another_connection()
        assert len(faults) == 1
    key.refresh_from_db()
    assert key.state == State.PUBLISHED
    in_another_connection()
    assert len(faults) == 1
    key.refresh_from_db()
    assert key.state != State.PUBLISHED


@case("DS-08")
def test_the_key_set_costs_two_short_queries_and_no_private_key(client, openfinance, monkeypatch):
    """None of them is saved by a cache, which would show a withdrawn key for a while."""
    monkeypatch.setattr("authserver.keys.signing.decrypt", None)
    monkeypatch.setattr("authserver.keys.signing.jose.load_private_key", None)

    with CaptureQueriesContext(connection) as sent:
        response = client.get("/openfinance/jwks")

    assert response.status_code == 200
    assert len(response.json()["keys"]) == 3
    assert len(sent) == 2
    assert not [each for each in sent if "encrypted_private_key" in each["sql"]]


@case("DS-08", "DS-07")
def test_a_withdrawn_key_is_gone_with_the_next_request(client, old):
    def kids():
        return {key["kid"] for key in client.get("/openfinance/jwks").json()["keys"]}

    assert old.kid in kids()
    actions.withdraw(old, by="boss")
    assert old.kid not in kids()
