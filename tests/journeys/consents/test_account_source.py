"""Which accounts a person has is the bank's to say; what makes no sense is no answer."""

import pytest
from django.utils import timezone

from clients.models import ResourceServer
from consents.account_source import SourceUnavailable, read_accounts, source_of
from consents.offered_accounts import offered_to
from tests.support import details, world
from tests.support.bank import EVERYDAY, JOINT, SAVINGS

case = pytest.mark.case
requirement = pytest.mark.requirement

TYPES = ["account_information"]


def test_the_bank_is_asked_for_one_person_with_its_own_token(bank, openfinance, accounts):
    bank.account_source_token = "token-of-the-bank"
    bank.save()

    found = source_of(openfinance, types=TYPES).accounts_of("C/1042?x=1")

    [(url, headers)] = accounts.asked
    assert url == "https://bank.example.com/people/C%2F1042%3Fx%3D1/accounts"
    assert headers == {"Authorization": "Bearer token-of-the-bank"}
    assert [account.id for account in found] == ["acc-1", "acc-2", "acc-3"]
    assert [account.last4 for account in found] == ["7731", "7758", "7731"]
    assert [account.balance for account in found] == ["8214.60", "-41500.00", "8214.60"]
    assert [account.shareable for account in found] == [True, True, False]


@pytest.mark.parametrize(
    "change",
    [
        {"account_source_url": ""},
        {"is_active": False},
        {"authorization_details_types": ["payment_initiation"]},
    ],
)
def test_only_a_resource_server_that_the_type_reaches_is_asked(bank, openfinance, change):
    assert source_of(openfinance, types=TYPES)
    ResourceServer.objects.filter(pk=bank.pk).update(**change)

    with pytest.raises(SourceUnavailable):
        source_of(openfinance, types=TYPES)


def test_the_bank_of_another_ecosystem_is_not_asked(bank, openfinance, uae):
    with pytest.raises(SourceUnavailable):
        source_of(uae, types=TYPES)


def test_a_bank_that_cannot_be_reached_is_no_answer(bank, openfinance, accounts):
    accounts.fault = "deadline"

    with pytest.raises(SourceUnavailable):
        source_of(openfinance, types=TYPES).accounts_of("C-1")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "accounts",
        {"data": []},
        {"accounts": {}},
        [EVERYDAY, EVERYDAY],
        [EVERYDAY] * 1001,
        ["acc-1"],
        [EVERYDAY | {"id": ""}],
        [EVERYDAY | {"id": 1042}],
        [EVERYDAY | {"name": None}],
        [EVERYDAY | {"name": "x" * 201}],
        [EVERYDAY | {"balance": 8214.6}],
        [EVERYDAY | {"balance": "1e9"}],
        [EVERYDAY | {"currency": "dirham"}],
        [EVERYDAY | {"shareable": "no"}],
    ],
)
def test_what_makes_no_sense_is_no_answer(answer):
    with pytest.raises(SourceUnavailable):
        read_accounts(answer)


def test_an_answer_may_be_a_list_or_an_object_with_one():
    assert read_accounts([EVERYDAY]) == read_accounts({"accounts": [EVERYDAY], "more": 1})
    assert read_accounts([]) == []


@case("AZ-16")
@requirement("CBUAE-2.4b")
def test_what_cannot_be_chosen_says_why(uae, accounts):
    world.bank(uae)
    person = world.person("mariam", uae)
    now = timezone.now()
    accounts.answer = [EVERYDAY, SAVINGS, JOINT, EVERYDAY | {"id": "acc-4", "type": "CreditCard"}]

    every = offered_to(person.enrolments.get(), details=[details.account_access_v1()])
    some = offered_to(
        person.enrolments.get(),
        details=[details.account_access(now=now, AccountSubType=["Savings"])],
    )

    assert [each.id for each in every if each.shareable] == ["acc-1", "acc-2", "acc-4"]
    assert [each.id for each in some if each.shareable] == ["acc-2"]
    assert [bool(each.reason) for each in some] == [True, False, True, True]
    assert some[2].reason == "The other holder has not agreed."


def test_what_is_kept_of_an_account_has_no_balance():
    [account] = read_accounts([EVERYDAY])

    assert account.as_choice() == {
        "id": "acc-1",
        "name": "Everyday",
        "kind": "CurrentAccount",
        "last4": "7731",
        "currency": "AED",
    }
