"""Open Finance UAE: urn:openfinanceuae:account-access-consent, versions 1.0 and 2.1."""

import uuid
from datetime import UTC, timedelta

import pytest

from authserver.protocol.errors import InvalidAuthorizationDetails
from consents import types
from consents.types.moments import a_year_after
from tests.support import details
from tests.support.details import ABSENT, NOW, changed, rfc3339

requirement = pytest.mark.requirement


def require_valid(detail):
    types.offered()[detail["type"]].require_valid(detail, now=NOW, zone=UTC)


def assert_refused(detail, *, clause):
    with pytest.raises(InvalidAuthorizationDetails) as refusal:
        require_valid(detail)
    assert refusal.value.clause == clause


@requirement("CBUAE-2.4b")
def test_both_versions_are_accepted_as_they_are_written():
    require_valid(details.account_access())
    require_valid(details.account_access_v1())


@requirement("CBUAE-2.4b")
def test_version_1_may_be_written_without_capitals_but_not_both_ways():
    detail = details.account_access_v1()
    lower = {**detail, "consent": detail["Consent"], "subscription": detail["Subscription"]}
    assert_refused(lower, clause="CBUAE-2.4b")

    del lower["Consent"], lower["Subscription"]
    require_valid(lower)


@requirement("CBUAE-2.4b")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("consent", ABSENT),
        ("consent.ConsentId", ABSENT),
        ("consent.ConsentId", "not-a-uuid"),
        ("consent.ConsentId", 7),
        ("consent.BaseConsentId", ""),
        ("consent.Permissions", ABSENT),
        ("consent.Permissions", []),
        ("consent.Permissions", ["ReadAccountsBasic", "ReadAccountsBasic"]),
        ("consent.Permissions", ["ReadAccountsBasic", "ReadEverything"]),
        ("consent.Permissions", ["readaccountsbasic"]),
        ("consent.ExpirationDateTime", ABSENT),
        ("consent.ExpirationDateTime", "2026-06-01"),
        ("consent.ExpirationDateTime", "2026-06-01T10:00:00"),
        ("consent.FromDate", "2025-13-01"),
        ("consent.AccountType", ["Private"]),
        ("consent.AccountSubType", []),
        ("consent.OnBehalfOf.IdentifierType", "Passport"),
        ("consent.OpenFinanceBilling", ABSENT),
        ("consent.OpenFinanceBilling.Purpose", "Marketing"),
        ("consent.OpenFinanceBilling.UserType", ABSENT),
        ("subscription.Webhook.Url", "http://tpp.example.com/events"),
        ("subscription.Webhook.Url", ""),
        ("subscription.Webhook.IsActive", "true"),
        ("subscription.Webhook", ABSENT),
    ],
)
def test_version_2_1_is_held_to_its_form(path, value):
    assert_refused(changed(details.account_access(), path, value), clause="CBUAE-2.4b")


@requirement("CBUAE-2.4b")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Consent", ABSENT),
        ("Consent.ConsentId", ABSENT),
        ("Consent.Permissions", []),
        ("Consent.FromDate", "2025-01-01"),
        ("Consent.ExpirationDateTime", "soon"),
        ("Subscription.Webhook.IsActive", True),
    ],
)
def test_version_1_is_held_to_its_form(path, value):
    assert_refused(changed(details.account_access_v1(), path, value), clause="CBUAE-2.4b")


@requirement("CBUAE-2.4b")
@pytest.mark.parametrize(
    "permission",
    [
        "ReadBalances",
        "ReadBeneficiariesBasic",
        "ReadTransactionsDetail",
        "ReadProduct",
        "ReadScheduledPaymentsBasic",
        "ReadDirectDebits",
        "ReadStandingOrdersDetail",
        "ReadStatements",
        "ReadProductFinanceRates",
    ],
)
def test_a_permission_about_accounts_needs_the_accounts(permission):
    assert_refused(details.account_access(Permissions=[permission]), clause="CBUAE-2.4b")
    for needed in ("ReadAccountsBasic", "ReadAccountsDetail"):
        require_valid(details.account_access(Permissions=[permission, needed]))


@requirement("CBUAE-2.4b")
def test_a_permission_about_the_person_stands_alone():
    require_valid(details.account_access(Permissions=["ReadPartyUser"]))


@requirement("CBUAE-2.4b")
def test_the_period_begins_before_it_ends():
    assert_refused(
        details.account_access(FromDate="2026-02-01", ToDate="2026-01-31"), clause="CBUAE-2.4b"
    )
    require_valid(details.account_access(FromDate="2026-01-31", ToDate="2026-01-31"))

    v1 = details.account_access_v1()
    v1["Consent"]["TransactionFromDateTime"] = "2026-02-01T00:00:00+04:00"
    v1["Consent"]["TransactionToDateTime"] = "2026-01-31T20:00:00Z"
    require_valid(v1)
    v1["Consent"]["TransactionToDateTime"] = "2026-01-31T19:59:59Z"
    assert_refused(v1, clause="CBUAE-2.4b")


@requirement("CBUAE-2.4c")
@pytest.mark.parametrize("make", [details.account_access, details.insurance])
def test_a_consent_lasts_a_year_at_most(make):
    ends = a_year_after(NOW)
    require_valid(make(ExpirationDateTime=rfc3339(ends)))

    assert_refused(
        make(ExpirationDateTime=rfc3339(ends + timedelta(minutes=1))), clause="CBUAE-2.4c"
    )
    assert_refused(make(ExpirationDateTime=rfc3339(NOW)), clause="CBUAE-2.4c")


@requirement("CBUAE-2.4c")
def test_version_1_without_an_end_lasts_the_year_it_may_last():
    found = types.offered()["urn:openfinanceuae:account-access-consent:v1.0"]

    assert found.expires_at(details.account_access_v1(), now=NOW, zone=UTC) == a_year_after(NOW)


@requirement("CBUAE-2.4c")
def test_a_consent_cannot_renew_itself():
    same = str(uuid.uuid4())

    assert_refused(
        details.account_access(ConsentId=same, BaseConsentId=same.upper()), clause="CBUAE-2.4c"
    )


@requirement("CBUAE-2.4b")
def test_only_the_kinds_of_account_that_are_asked_for_are_offered():
    found = types.offered()["urn:openfinanceuae:account-access-consent:v2.1"]

    assert found.account_kinds(details.account_access()) == ["CurrentAccount", "Savings"]
    assert found.account_kinds(details.account_access_v1()) == ()


def test_what_the_tpp_says_of_itself_is_marked_as_its_own_words():
    found = types.offered()["urn:openfinanceuae:account-access-consent:v2.1"]

    described = found.describe(details.account_access())

    [claimed] = [fact for fact in described.facts if fact.value == "Sumwise"]
    assert claimed.quoted
    assert described.purpose == "To help you plan what you spend"
