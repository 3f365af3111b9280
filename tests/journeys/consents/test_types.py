"""RFC 9396, 5: a detail is of its type exactly, or the request is refused.

Each refusal is the valid detail with one thing changed.
"""

from datetime import UTC, datetime, timedelta

import pytest

from authserver.protocol import strict_json
from authserver.protocol.errors import InvalidAuthorizationDetails
from consents import types
from consents.types import schema
from consents.types.moments import a_year_after, instant_of
from tests.support import details
from tests.support.details import ABSENT, NOW, changed, rfc3339

case = pytest.mark.case
requirement = pytest.mark.requirement


def require_valid(detail, *, now=NOW, zone=UTC):
    types.offered()[detail["type"]].require_valid(detail, now=now, zone=zone)


def assert_refused(detail, *, clause=None):
    with pytest.raises(InvalidAuthorizationDetails) as refusal:
        require_valid(detail)
    if clause:
        assert refusal.value.clause == clause
    for value in ("Bright Books", "1250", "To plan your month"):
        assert value not in refusal.value.expected + refusal.value.seen


def test_every_type_has_its_example():
    """What is generated from the examples leaves no type out that a person is asked about."""
    asked = {name for name, each in types.offered().items() if each.needs_person}
    unasked = set(types.offered()) - asked

    assert asked == {make()["type"] for make in details.EVERY_TYPE}
    assert unasked == set(details.WITHOUT_A_PERSON)


@requirement("RAR-5")
@pytest.mark.parametrize("make", details.EVERY_TYPE, ids=lambda make: make.__name__)
def test_the_valid_example_is_accepted(make):
    require_valid(make())


@case("PR-17")
@requirement("RAR-5")
@pytest.mark.parametrize("make", details.EVERY_TYPE, ids=lambda make: make.__name__)
def test_an_unknown_member_is_refused_at_every_depth(make):
    def places(value, way=()):
        if isinstance(value, dict):
            yield way
            for name, child in value.items():
                yield from places(child, (*way, name))
        elif isinstance(value, list):
            for at, child in enumerate(value):
                yield from places(child, (*way, str(at)))

    for way in places(make()):
        assert_refused(changed(make(), ".".join([*way, "surprise"]), "x"))


@case("PR-17")
@requirement("RAR-5")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("actions", ABSENT),
        ("actions", []),
        ("actions", ["list_accounts", "list_accounts"]),
        ("actions", ["list_accounts", "write_accounts"]),
        ("actions", "list_accounts"),
        ("locations", []),
        ("locations", ["http://bank.example.com/"]),
        ("locations", ["https://user@bank.example.com/"]),
        ("locations", ["https://bank.example.com:x/"]),
        ("locations", ["https://"]),
        ("locations", ["https://b\u00e4nk.example.com/"]),
        ("purpose", ""),
        ("purpose", "x" * 201),
        ("purpose", 7),
        ("purpose", "To pay\nyou"),
        ("purpose", "To \u202eyap\u202c you"),
        ("expiration", "2026-04-01"),
        ("expiration", "2026-04-01T10:00:00"),
        ("expiration", "2026-04-31T10:00:00Z"),
        ("expiration", "2026-04-01T10:00:00+24:00"),
        ("expiration", "2026-04-01T10:00:00Z\n"),
        ("expiration", "9999-12-31T23:59:59-23:59"),
        ("expiration", "\u0662\u0660\u0662\u0666-04-01T10:00:00Z"),
    ],
)
def test_account_information_is_held_to_its_form(path, value):
    assert_refused(changed(details.account_information(), path, value), clause="RAR-5")


@requirement("RAR-5")
@pytest.mark.parametrize(
    ("ends", "accepted"),
    [
        (NOW - timedelta(seconds=1), False),
        (NOW, False),
        (NOW + timedelta(seconds=1), True),
        (a_year_after(NOW), True),
        (a_year_after(NOW) + timedelta(seconds=10), True),
        (a_year_after(NOW) + timedelta(seconds=11), False),
    ],
)
def test_account_information_lasts_a_year_at_most(ends, accepted):
    detail = details.account_information(expiration=rfc3339(ends))
    if accepted:
        require_valid(detail)
    else:
        assert_refused(detail, clause="RAR-5")


def test_a_year_after_the_29th_of_february_is_the_28th():
    assert a_year_after(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2029, 2, 28, tzinfo=UTC)


@case("PR-18")
@pytest.mark.parametrize(
    "amount",
    [
        "10.00000000000000000001",
        "1e400",
        "1e2",
        "-0",
        "-1.00",
        "+1.00",
        "1,00",
        " 10",
        "10 ",
        "10\n",
        "\u0663",
        "1\u0663.00",
        "NaN",
        "Infinity",
        "0x10",
        "010.00",
        "10.",
        ".10",
        "",
        "0",
        "0.00",
        10,
        10.5,
        True,
        None,
        {"amount": "10"},
    ],
)
def test_an_amount_is_a_strict_decimal_text(amount):
    detail = changed(details.payment_initiation(), "instructedAmount.amount", amount)

    assert_refused(detail, clause="RAR-5")


@case("PR-18")
@pytest.mark.parametrize("amount", ["1", "0.5", "10.00", "999999999999999.999"])
def test_an_amount_keeps_its_spelling(amount):
    detail = changed(details.payment_initiation(), "instructedAmount.amount", amount)
    require_valid(detail)

    payment = types.offered()["payment_initiation"].describe(detail).payment

    assert payment is not None
    assert str(payment.amount) == f"{amount} AED"


@case("PR-17")
@requirement("RAR-5")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("instructedAmount.currency", "aed"),
        ("instructedAmount.currency", "AEDX"),
        ("instructedAmount.currency", ABSENT),
        ("creditorName", ABSENT),
        ("creditorName", ""),
        ("creditorName", "x" * 141),
        ("creditorName", "Bright\u2066Books"),
        ("creditorAccount.iban", "AE080331234567890123456"),
        ("creditorAccount.iban", "ae070331234567890123456"),
        ("creditorAccount.iban", ABSENT),
        ("creditorAccount.bic", "short"),
        ("remittanceInformationUnstructured", "x" * 141),
        ("requestedExecutionDate", "2026-03-08"),
        ("requestedExecutionDate", "2027-03-11"),
        ("requestedExecutionDate", "20260311"),
        ("requestedExecutionDate", "2026-02-30"),
        ("actions", ["refund"]),
    ],
)
def test_a_payment_is_held_to_its_form(path, value):
    assert_refused(changed(details.payment_initiation(), path, value), clause="RAR-5")


@requirement("RAR-5")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("datatypes", ["dreams"]),
        ("datatypes", ABSENT),
        ("from", "2026-01-01"),
        ("expiration", rfc3339(NOW)),
    ],
)
def test_a_record_is_held_to_its_form(path, value):
    assert_refused(changed(details.patient_record(), path, value), clause="RAR-5")


@case("PR-17", "PR-18")
@pytest.mark.parametrize(
    "text",
    [
        '{"type":"account_information","actions":["list_accounts"],"actions":["read_balances"]}',
        '{"type":"payment_initiation","amount":1e400}',
        '{"type":"payment_initiation","amount":NaN}',
    ],
)
def test_what_two_readers_could_read_differently_is_no_json(text):
    with pytest.raises(strict_json.BadJSON):
        strict_json.loads(text)


@requirement("CBUAE-2.1.14")
@pytest.mark.parametrize(
    ("ends", "kept"),
    [(None, False), (timedelta(days=90), True), (timedelta(days=36_526), False)],
)
def test_an_end_beyond_a_century_is_none(ends, kept):
    expiration = {} if ends is None else {"expiration": rfc3339(NOW + ends)}
    detail = {"type": "patient-record-access", "actions": ["read"], **expiration}

    found = types.offered()["patient-record-access"].expires_at(detail, now=NOW, zone=UTC)

    assert found == (NOW + ends if kept else None)


@pytest.mark.parametrize("make", details.EVERY_TYPE, ids=lambda make: make.__name__)
def test_every_name_in_a_request_has_a_sentence(make):
    detail = make()

    described = types.offered()[detail["type"]].describe(detail)

    permissions = [each for group in described.groups for each in group.permissions]
    assert permissions or described.payment
    assert all(each.sentence != each.technical for each in permissions)


def test_every_schema_is_closed_and_knows_its_formats():
    def objects(node):
        if isinstance(node, dict):
            if "properties" in node and node.get("type") == "object":
                yield node
            for child in node.values():
                yield from objects(child)
        elif isinstance(node, list):
            for child in node:
                yield from objects(child)

    for each in types.offered().values():
        document = schema.validator(each.schema).schema
        assert isinstance(document, dict)
        assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert document["properties"]["type"] == {"const": each.name}
        assert all(found["additionalProperties"] is False for found in objects(document))
        formats = set(_values_of("format", document))
        assert formats <= set(schema.FORMATS.checkers)


def _values_of(name, node):
    if isinstance(node, dict):
        if isinstance(node.get(name), str):
            yield node[name]
        for child in node.values():
            yield from _values_of(name, child)
    elif isinstance(node, list):
        for child in node:
            yield from _values_of(name, child)


def test_a_schema_is_compiled_once():
    assert schema.validator("account_information.json") is schema.validator(
        "account_information.json"
    )


def test_there_is_no_guessing_of_versions():
    assert types.find("urn:openfinanceuae:account-access-consent:v2.1") is not None
    assert types.find("urn:openfinanceuae:account-access-consent:*") is None
    assert types.find("urn:openfinanceuae:account-access-consent") is None


def test_an_instant_is_read_in_its_zone():
    assert instant_of("2026-03-10T13:30:00.5+04:00") == NOW.replace(microsecond=500_000)
