"""``manage.py purge``: what has expired goes, what something still stands on stays."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from authserver.replay.models import UsedProof
from authserver.tokens import purge
from authserver.tokens.models import (
    AccessToken,
    AuthorizationCode,
    AuthorizationTransaction,
    PushedRequest,
    RefreshToken,
)
from consents.models import Consent
from tests.support.assertions import refused, rows
from tests.support.purging import RETENTION, purged

case = pytest.mark.case
requirement = pytest.mark.requirement

HOUR = timedelta(hours=1)


@case("PR-33", "CA-46")
def test_nothing_that_lives_is_deleted(tpp, rs, granted):
    request_uri = tpp.push().json()["request_uri"]
    before, proofs = rows(), UsedProof.objects.count()

    out = StringIO()
    call_command("purge", stdout=out)

    assert set(out.getvalue().split()[1::2]) == {"0"}
    assert (rows(), UsedProof.objects.count()) == (before, proofs)
    assert purged(minutes=59) == {}
    assert tpp.refresh(granted["refresh_token"]).status_code == 200
    assert rs.introspect(granted["access_token"]).json()["active"]
    assert PushedRequest.objects.open(
        request_uri, client_id="tpp", ecosystem=tpp.ecosystem, now=timezone.now()
    )


@case("PR-33")
def test_the_command_deletes_what_has_expired(tpp, granted):
    for _ in range(5):
        tpp.push()
    past = timezone.now() - 2 * HOUR
    PushedRequest.objects.update(expires_at=past)
    AuthorizationTransaction.objects.update(expires_at=past)
    UsedProof.objects.update(expires_at=past)
    proofs = UsedProof.objects.count()

    out = StringIO()
    call_command("purge", stdout=out)

    told = dict(line.split(": ") for line in out.getvalue().splitlines())
    assert told["tokens_pushedrequest"] == "6"
    assert told["tokens_authorizationtransaction"] == "1"
    assert told["replay_usedproof"] == str(proofs)
    assert not PushedRequest.objects.exists()
    assert not UsedProof.objects.exists()
    assert Consent.objects.get().state == "Authorized"


@case("PR-33")
@requirement("RFC6749-4.1.2")
def test_a_code_stays_as_long_as_a_token_that_came_from_it(tpp, person, at):
    code = person.approves(tpp, tpp.push().json()["request_uri"])["code"]
    tokens = tpp.redeem(code).json()

    assert "tokens_authorizationcode" not in purged(days=1)
    assert tpp.refresh(tokens["refresh_token"]).status_code == 200
    refused(tpp.redeem(code), "invalid_grant")
    refused(tpp.refresh(tokens["refresh_token"]), "invalid_grant")


def test_a_code_that_gave_nothing_goes(tpp, person):
    person.approves(tpp, tpp.push().json()["request_uri"])

    assert purged(minutes=30) == {}
    assert purged(hours=2)["tokens_authorizationcode"] == 1


def test_tokens_are_kept_for_their_retention(tpp, granted):
    assert {"tokens_accesstoken", "tokens_refreshtoken"}.isdisjoint(purged(days=89))
    assert purged(days=91) == {"tokens_accesstoken": 1}
    assert tpp.refresh(granted["refresh_token"]).status_code == 200

    AccessToken.objects.all().delete()
    assert "tokens_refreshtoken" not in purged(days=180 + 89)
    assert purged(days=180 + 91) == {"tokens_refreshtoken": 1, "tokens_authorizationcode": 1}


@case("TK-19")
def test_a_revoked_refresh_token_goes_after_its_retention_and_stays_dead(tpp, granted):
    assert tpp.revoke(granted["refresh_token"]).status_code == 200

    assert "tokens_refreshtoken" not in purged(days=89)
    refused(tpp.refresh(granted["refresh_token"]), "invalid_grant")
    assert purged(days=91)["tokens_refreshtoken"] == 1
    refused(tpp.refresh(granted["refresh_token"]), "invalid_grant")


def test_a_refresh_token_stays_while_an_access_token_points_at_it(tpp, granted):
    tpp.refresh(granted["refresh_token"])
    tpp.revoke(granted["refresh_token"])
    AccessToken.objects.update(expires=timezone.now() + timedelta(days=100))

    assert "tokens_refreshtoken" not in purged(days=91)
    assert RefreshToken.objects.exists()
    assert AuthorizationCode.objects.exists()


def test_a_request_that_somebody_is_looking_at_stays(tpp, person):
    person.opens(tpp, tpp.push().json()["request_uri"])
    AuthorizationTransaction.objects.update(expires_at=timezone.now() + timedelta(days=1))

    assert "tokens_pushedrequest" not in purged(hours=2)
    assert purged(days=2)["tokens_pushedrequest"] == 1


def test_no_retention_means_the_margin_and_not_less(tpp, granted):
    tpp.redeem("unknown")
    none = dict.fromkeys(RETENTION, timedelta(0))
    gone = dict(purge.purge(now=timezone.now() + HOUR / 2, **none))

    assert (gone["tokens_accesstoken"], gone["audit_refusal"]) == (0, 0)
    gone = dict(purge.purge(now=timezone.now() + 2 * HOUR, **none))
    assert (gone["tokens_accesstoken"], gone["audit_refusal"]) == (1, 1)


def test_many_are_deleted_in_batches(tpp, monkeypatch):
    monkeypatch.setattr(purge, "BATCH", 2)
    for _ in range(5):
        tpp.push()

    assert purged(hours=2) == {"replay_usedproof": 5, "tokens_pushedrequest": 5}


@case("CA-46")
def test_a_clock_that_is_ahead_of_the_databases_opens_nothing(db, at):
    with at(days=2):
        ahead = purge.earliest_now()

    assert ahead - timezone.now() < HOUR
