"""RFC 9396 through the doors: what may be asked, what is granted, what may be narrowed."""

import base64
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from authserver.tokens.models import AuthorizationCode, PushedRequest
from consents.models import Consent
from tests.specifications.rfc9396_rar.asking import account, flow, payment, push
from tests.support import details
from tests.support.assertions import nothing_stored, refused
from tests.support.person import answer_in

case = pytest.mark.case
requirement = pytest.mark.requirement


@case("CD-16")
@requirement("RAR-2", "RAR-7", "RAR-9.1", "RAR-9.2", "RAR-7.1", "CBUAE-2.1.5")
def test_details_are_granted_in_token_answer_and_introspection(tpp, person, rs):
    asked = account()

    tokens = flow(tpp, person, [asked])

    [granted] = tokens["authorization_details"]
    assert {name: granted[name] for name in asked} == asked
    assert granted["accounts"] == [{"id": "acc-1"}]
    payload = tokens["access_token"].split(".")[1]
    inside = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert inside["authorization_details"] == [granted]
    assert rs.introspect(tokens["access_token"]).json()["authorization_details"] == [granted]


@requirement("RAR-7.1", "OIDCC-3.1.2.1")
def test_without_a_page_nobody_can_choose_accounts(tpp, person):
    """The control is the same request with a page, above: there the person chooses."""
    asked = push(tpp, [account()], prompt="none")

    refusal = answer_in(person.opens(tpp, asked.json()["request_uri"]))

    assert refusal["error"] == "interaction_required"
    assert refusal["error_description"] == "the person has to choose accounts [RAR-7.1]"
    assert not AuthorizationCode.objects.exists()
    assert Consent.objects.get().state == "Rejected"


@requirement("RAR-5", "CBUAE-2.4c")
@pytest.mark.parametrize(
    ("asked", "about"),
    [
        pytest.param(
            lambda: details.account_information(now=timezone.now() - timedelta(days=800)),
            "in the past [RAR-5]",
            id="ended",
        ),
        pytest.param(
            lambda: account(expiration=details.rfc3339(timezone.now() + timedelta(days=400))),
            "longer than a year [RAR-5]",
            id="too long",
        ),
        pytest.param(
            lambda: payment(creditorAccount={"iban": details.PAYEE_IBAN[::-1]}),
            "the form of its type [RAR-5]",
            id="an IBAN written backwards",
        ),
        pytest.param(
            lambda: payment(creditorAccount={"iban": "AE080331234567890123456"}),
            "wrong check digits [RAR-5]",
            id="an IBAN with other digits",
        ),
    ],
)
def test_a_refusal_names_the_clause_of_the_type(tpp, asked, about):
    assert push(tpp, [account()]).status_code == 201

    with nothing_stored():
        refused(push(tpp, [asked()]), "invalid_authorization_details", about=about)


@requirement("RAR-2")
def test_a_signed_request_carries_them_as_json(tpp):
    assert tpp.push_signed(authorization_details=[account()]).status_code == 201
    consent = PushedRequest.objects.get().consent
    assert consent is not None
    assert consent.authorization_details[0]["type"] == "account_information"


@case("PR-13", "PR-15")
@requirement("RAR-5")
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("{", id="not JSON"),
        pytest.param("{}", id="an object"),
        pytest.param("[]", id="an empty list"),
        pytest.param("[1]", id="a number"),
        pytest.param("[[]]", id="a list"),
        pytest.param("[null]", id="null"),
        pytest.param("[{}]", id="no type"),
        pytest.param('[{"type": 5}]', id="type is a number"),
        pytest.param('[{"type": ""}]', id="type is empty"),
        pytest.param("5", id="only a number"),
        pytest.param("NaN", id="NaN"),
        pytest.param("[" * 10_000 + "]" * 10_000, id="nested ten thousand deep"),
        pytest.param('[{"type":"\\u0000"}]', id="NUL"),
        pytest.param('[{"type":"\\ud800"}]', id="a lone surrogate"),
    ],
)
def test_what_is_no_list_of_typed_objects_is_refused(tpp, value):
    with nothing_stored():
        refused(push(tpp, value), "invalid_authorization_details")
    assert push(tpp, [account()]).status_code == 201


@case("PR-16")
@requirement("RAR-5", "CBUAE-2.1.6")
def test_one_unknown_type_refuses_the_whole_request(tpp, openfinance, make_tpp):
    narrow = make_tpp("narrow", openfinance, authorization_details_types=["payment_initiation"])
    for sender, value in (
        (tpp, [{"type": "unknown"}]),
        (tpp, [account(), {"type": "unknown"}]),
        (tpp, [account(type="account_informatioN")]),
        (tpp, [account(type="account_information ")]),
        (narrow, [account()]),
    ):
        with nothing_stored():
            refused(push(sender, value), "invalid_authorization_details")
    assert push(narrow, [payment()]).status_code == 201


@case("PR-17")
@requirement("RAR-5")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(lambda: json.dumps([payment(unknown="member")]), id="unknown member"),
        pytest.param(lambda: json.dumps([payment(creditorName=5)]), id="wrong type"),
        pytest.param(
            lambda: json.dumps([payment()]).replace('"1250.00"', '"1250.00","amount":"1.00"'),
            id="a member twice",
        ),
        pytest.param(
            lambda: json.dumps([{n: v for n, v in payment().items() if n != "creditorAccount"}]),
            id="missing member",
        ),
    ],
)
def test_a_detail_has_the_form_of_its_type(tpp, text):
    with nothing_stored():
        refused(push(tpp, text()), "invalid_authorization_details")


@case("PR-18")
@pytest.mark.parametrize(
    "amount",
    [
        '"10.00000000000000000001"',
        "1e400",
        "-0",
        '"1,00"',
        '" 10"',
        '"\u0661\u0660.\u0660\u0660"',
        "NaN",
        "10.5",
        "5",
    ],
)
def test_an_amount_has_one_spelling(tpp, amount):
    text = json.dumps([payment()]).replace('"1250.00"', amount)

    with nothing_stored():
        refused(push(tpp, text), "invalid_authorization_details")


@case("PR-18")
def test_what_is_stored_is_what_was_asked(tpp):
    asked = payment()
    push(tpp, [asked])

    assert Consent.objects.get().authorization_details == [asked]


@case("CD-11")
@requirement("RAR-5")
def test_a_client_alone_cannot_stand_in_for_a_person(tpp, rs):
    def token(detail):
        return tpp.token(
            grant_type="client_credentials",
            scope="accounts",
            authorization_details=json.dumps([detail]),
        )

    contract = {"type": "bilateral_contract", "contract": "C-1"}
    with nothing_stored():
        refused(token(account()), "invalid_authorization_details")
        refused(push(tpp, [contract]), "invalid_authorization_details")
    assert token(contract).json()["authorization_details"] == [contract]


@case("TK-14")
@requirement("RAR-6")
def test_a_refresh_may_narrow_and_never_widen(tpp, person, rs):
    tokens = flow(tpp, person, [account(), account(actions=["list_accounts"])])
    first, second = tokens["authorization_details"]

    def refresh(value):
        return tpp.refresh(tokens["refresh_token"], authorization_details=json.dumps(value))

    narrowed = refresh([second])
    assert narrowed.json()["authorization_details"] == [second]
    for wider in (
        [first | {"accounts": [{"id": "acc-1"}, {"id": "acc-2"}]}],
        [first | {"expiration": "2999-01-01T00:00:00Z"}],
        [first | {"actions": [*first["actions"], "more"]}],
        [payment()],
        [second | {"purpose": second["purpose"] + "\u200b"}],
        [],
    ):
        refused(refresh(wider), "invalid_authorization_details")


@case("TK-21")
@requirement("RAR-5")
def test_a_token_does_not_outlive_its_consent(tpp, person):
    soon = details.rfc3339(timezone.now() + timedelta(seconds=120))

    tokens = flow(tpp, person, [account(expiration=soon)])

    assert tokens["expires_in"] <= 120
    assert "refresh_token" not in tokens or Consent.objects.get().expires_at


@case("TK-23")
@requirement("RAR-5")
def test_two_tokens_of_one_moment_are_two(tpp, person, rs):
    tokens = flow(tpp, person, [account()])
    made = {tpp.refresh(tokens["refresh_token"]).json()["access_token"] for _ in range(5)}

    assert len(made) == 5
    jtis = {rs.introspect(token).json()["jti"] for token in made}
    assert len(jtis) == 5


@requirement("RAR-10")
def test_rich_consents_are_always_shown(tpp, person):
    flow(tpp, person, [account()])

    page = person.opens(tpp, push(tpp, [account()]).json()["request_uri"])

    assert page.status_code == 200
    assert page.request["PATH_INFO"].startswith("/openfinance/consent/")
