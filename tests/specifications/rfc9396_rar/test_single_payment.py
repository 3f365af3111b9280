"""One payment is agreed to: what the bank has executed, no token starts again."""

import pytest
from django.utils import timezone

from consents import actions
from consents.models import Consent
from consents.states import IllegalTransition
from tests.specifications.rfc9396_rar.asking import flow, payment, push
from tests.support.assertions import refused

case = pytest.mark.case
requirement = pytest.mark.requirement


@case("TK-20")
@requirement("CBUAE-2.4c")
def test_a_payment_that_was_made_ends_every_token(tpp, person, rs):
    code = person.approves(tpp, push(tpp, [payment()]).json()["request_uri"])["code"]
    first = tpp.redeem(code).json()
    second = tpp.refresh(first["refresh_token"]).json()
    tokens = [first["access_token"], second["access_token"]]
    assert all(rs.introspect(token).json()["active"] for token in tokens)

    actions.consume(Consent.objects.get(), by="bank", now=timezone.now())

    assert [rs.introspect(token).json() for token in tokens] == [{"active": False}] * 2
    refused(tpp.refresh(first["refresh_token"]), "invalid_grant")
    refused(tpp.redeem(code), "invalid_grant")
    with pytest.raises(IllegalTransition):
        actions.consume(Consent.objects.get(), by="bank", now=timezone.now())


@case("TK-20")
def test_a_payment_that_was_made_gives_no_first_token(tpp, person):
    code = person.approves(tpp, push(tpp, [payment()]).json()["request_uri"])["code"]
    actions.consume(Consent.objects.get(), by="bank", now=timezone.now())

    refused(tpp.redeem(code), "invalid_grant")


@case("TK-20")
def test_one_payment_ends_no_other(tpp, person, rs):
    one, other = (flow(tpp, person, [payment()])["access_token"] for _ in range(2))
    consent = Consent.objects.earliest("created_at")
    actions.consume(consent, by="bank", now=timezone.now())

    assert rs.introspect(one).json() == {"active": False}
    assert rs.introspect(other).json()["active"]
