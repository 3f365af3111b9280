"""What is done on the filled database: journeys, machines, and what runs by the clock."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.test import Client as Http
from django.utils import timezone

from authserver.tokens.actions import revoke
from authserver.tokens.purge import purge
from clients.models import Client
from consents import actions
from consents.expiry import expire_due
from consents.models import Consent
from tests.bench import growth_samples as samples
from tests.bench.scans.conftest import PEOPLE

RETENTION = timedelta(days=30)


def sign_in() -> None:
    """By name and password, as a person does: once of the right one, once of nobody."""
    for name, status in (("PERSON-0", 303), ("nobody", 200)):
        http = Http(SERVER_NAME="as.example.com", HTTP_X_FORWARDED_PROTO="https")
        form = {"login": name, "password": "correct horse"}
        assert http.post("/accounts/login/", form).status_code == status


def take_back() -> None:
    """A token, a consent, and what a person gave."""
    client = Client.objects.get(client_id="tpp")
    revoke("unknown", client=client, now=timezone.now())
    living = Consent.objects.alive(now=timezone.now()).filter(user__username="person-0")
    actions.revoke(living[0], by="person-0", now=timezone.now())


def run_the_clock() -> None:
    now = timezone.now()
    assert expire_due(now=now + timedelta(days=150)) > 500
    deleted: dict[str, int] = {}
    for table, rows in purge(
        now=now,
        token_retention=RETENTION,
        refusal_retention=RETENTION,
        login_retention=RETENTION,
        traffic_retention=RETENTION,
    ):
        deleted[table] = deleted.get(table, 0) + rows
    assert {table for table, rows in deleted.items() if rows} >= DELETED_FROM


DELETED_FROM = {
    "audit_auditevent",
    "audit_refusal",
    "cache",
    "replay_usedproof",
    "tokens_accesstoken",
    "tokens_authorizationcode",
    "tokens_authorizationtransaction",
    "tokens_pushedrequest",
    "tokens_refreshtoken",
}
STRETCHES: dict[str, Callable[[], None]] = {
    "a journey and machines": partial(samples.journeys, PEOPLE),
    "a sign-in": sign_in,
    "taking back": take_back,
    "expiry and purge": run_the_clock,
}
