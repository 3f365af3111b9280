"""Text from outside: whatever a person reads can be read, or it is refused where it enters."""

import json
from datetime import UTC
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError

from authserver.backoffice.texts import require_readable_texts
from authserver.protocol.errors import InvalidAuthorizationDetails
from authserver.protocol.specs.readable_text import is_readable
from authserver.storage.shown_texts import readable
from consents import types
from consents.account_source import SourceUnavailable, read_accounts
from consents.types import schema
from tests.support import details
from tests.support.assertions import nothing_stored, refused
from tests.support.details import NOW

case = pytest.mark.case
requirement = pytest.mark.requirement

BAD = {
    "blank": "   ",
    "no-break blank": "\u00a0",
    "ideographic blank": "\u3000",
    "zero-width space": "A\u200bB",
    "word joiner": "A\u2060B",
    "byte order mark": "A\ufeffB",
    "soft hyphen": "A\u00adB",
    "left-to-right mark": "A\u200eB",
    "right-to-left mark": "A\u200fB",
    "arabic letter mark": "A\u061cB",
    "override": "A\u202eB",
    "isolate": "A\u2066B\u2069",
    "tag": "A\U000e0041B",
    "flag by tags": "\U0001f3f4\U000e0067\U000e0062\U000e007f",
    "hangul filler": "\u3164",
    "half hangul filler": "A\uffa0",
    "braille blank": "\u2800",
    "combining grapheme joiner": "A\u034fB",
    "variation selector on a letter": "A\ufe0fB",
    "ideographic variation": "\u845b\U000e0100",
    "joiner between latin letters": "A\u200dB",
    "non-joiner between latin letters": "A\u200cB",
    "non-joiner at the end": "\u0645\u06cc\u200c",
    "joiner alone": "\u200d",
    "line feed": "A\nB",
    "tab": "A\tB",
    "delete": "A\x7fB",
    "c1 control": "A\x85B",
    "line separator": "A\u2028B",
    "private use": "A\ue000B",
    "unassigned": "A\u0378B",
    "noncharacter": "A\ufffeB",
    "annotation": "A\ufff9B",
    "object replacement": "\ufffc",
    "begins with a mark": "\u0301A",
}
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
GOOD = [
    "Bright Books LLC",
    "Müller & Söhne",
    "مكتبة النور",
    "رقم ٤٢",
    "ספרים",
    PERSIAN,
    "हिन्दी",
    "क्\u200dष",
    "ශ්\u200dරී",
    "東京書店",
    "한국 서점",
    "e\u0301cole",
    "Café\u00a0noir",
    "❤\ufe0f",
    "1\ufe0f\u20e3",
    "👩\u200d👩\u200d👧",
    "👩🏽\u200d⚕\ufe0f",
    "🏳\ufe0f\u200d🌈",
    "🇦🇪",
]


@case("AZ-34")
@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_is_not_seen_is_not_readable(text):
    assert not is_readable(text)


@case("AZ-34")
@pytest.mark.parametrize("text", GOOD)
def test_every_script_is_readable(text):
    assert is_readable(text)


def free_texts(document: Any, found: Any, value: Any, way: tuple[Any, ...] = ()) -> Any:
    """The places in a valid detail that its schema leaves to the sender's own words."""
    found = document["$defs"][found["$ref"].rpartition("/")[2]] if "$ref" in found else found
    if isinstance(value, dict):
        for name, child in value.items():
            yield from free_texts(document, found["properties"][name], child, (*way, name))
    elif isinstance(value, str) and not {"const", "enum", "pattern", "format"} & set(found):
        yield way


def with_text(detail: Any, way: tuple[Any, ...], text: str) -> Any:
    return details.changed(detail, ".".join(way), text)


def _places(make: Any) -> Any:
    detail = make()
    document: Any = schema.validator(types.offered()[detail["type"]].schema).schema
    body = dict(detail.get("consent", {}))
    body.pop("ControlParameters", None)  # its words are those of the schema
    shown = detail | ({"consent": body} if body else {})
    return [way for way in free_texts(document, document, shown) if way[-1] != "Url"]


CASES = [(make, way) for make in details.EVERY_TYPE for way in _places(make)]


def test_the_texts_are_found():
    found = {way[-1] for _, way in CASES}

    assert {"creditorName", "remittanceInformationUnstructured", "purpose", "TradingName"} <= found
    assert {"DebtorReference", "CreditorReference", "LegalName", "Identifier"} <= found


@case("AZ-34")
@requirement("RAR-5")
@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize(
    ("make", "way"), CASES, ids=[f"{make.__name__}-{'.'.join(way)}" for make, way in CASES]
)
def test_no_text_of_a_detail_hides_anything(make, way, kind):
    found = types.offered()[make()["type"]]
    found.require_valid(
        with_text(make(), way, "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        now=NOW,
        zone=UTC,
    )

    with pytest.raises(InvalidAuthorizationDetails) as refusal:
        found.require_valid(with_text(make(), way, BAD[kind]), now=NOW, zone=UTC)
    assert BAD[kind] not in refusal.value.expected + refusal.value.seen


@case("AZ-34")
@requirement("RAR-5")
@pytest.mark.parametrize("kind", BAD)
def test_a_payee_that_is_not_seen_is_refused_and_not_echoed(tpp, kind):
    detail = details.payment_initiation(requestedExecutionDate=None, creditorName=BAD[kind])
    del detail["requestedExecutionDate"]
    with nothing_stored():
        response = tpp.push(authorization_details=json.dumps([detail]))
        refused(response, "invalid_authorization_details")
    assert (
        tpp.push(
            authorization_details=json.dumps([detail | {"creditorName": "مكتبة النور"}])
        ).status_code
        == 201
    )


@case("AZ-34")
@requirement("PRODUCT-8")
@pytest.mark.parametrize("kind", [kind for kind in BAD if BAD[kind].strip(" ")])
def test_a_purpose_is_readable(tpp, kind):
    claims = {"userinfo": {"email": {"purpose": BAD[kind]}}}
    with nothing_stored():
        refused(tpp.push(purpose=BAD[kind]), "invalid_request")
        refused(tpp.push_signed(purpose=BAD[kind]), "invalid_request")
        refused(tpp.push_signed(claims=claims), "invalid_request", "invalid_request_object")
    assert tpp.push(purpose="To know you").status_code == 201


@case("AZ-34")
@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("member", ["name", "type", "reason"])
def test_what_the_bank_says_is_readable(kind, member):
    account = {"id": "acc-1", "name": "حساب", "type": "Savings"}
    assert read_accounts([account])

    with pytest.raises(SourceUnavailable):
        read_accounts([account | {member: BAD[kind]}])


@case("DC-10")
@pytest.mark.parametrize("kind", [kind for kind in BAD if kind not in ("line feed", "tab")])
def test_what_operators_type_is_readable(kind):
    class Form(forms.Form):
        name = forms.CharField(required=False, strip=False)
        lines = forms.CharField(required=False, widget=forms.Textarea, strip=False)

    require_readable_texts(Form.base_fields)

    assert Form({"name": "مكتبة", "lines": "one\r\n\ttwo\r\n"}).is_valid()
    if BAD[kind].strip(" "):
        assert set(Form({"name": BAD[kind], "lines": f"a\n{BAD[kind]}"}).errors) == {
            "name",
            "lines",
        }


def test_the_admin_holds_its_forms():
    field = forms.CharField()
    require_readable_texts({"name": field})
    require_readable_texts({"name": field})

    with pytest.raises(ValidationError):
        field.clean("A\u200bB")
    assert len([each for each in field.validators if each is readable]) == 1
