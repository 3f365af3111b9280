"""Who approves is one person: a consent that wants several to approve is refused, and says so."""

import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import pytest
from django.utils import timezone

from authserver.protocol.errors import InvalidAuthorizationDetails
from consents import types
from consents.types.schema import FOLDER
from tests.support import details, world
from tests.support.assertions import nothing_stored, refused
from tests.support.details import ABSENT, NOW, changed
from tests.support.world import UAE_TYPES

requirement = pytest.mark.requirement

PAYMENT = "urn:openfinanceuae:service-initiation-consent:v2.1"
SCHEDULE = "consent.ControlParameters.ConsentSchedule"
PATH = "consent.IsSingleAuthorization"
SENTENCE = "a consent that several people authorize is not offered: IsSingleAuthorization"

# Members of the published types that speak of authorizing: what each of them is about.
ABOUT_AUTHORIZING = {
    "IsSingleAuthorization": "who",
    "AuthorizationExpirationDateTime": "until when",
}


def members(schema: Any) -> Iterator[str]:
    """Every member that a schema names, wherever it stands."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    for each in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(each, dict | list):
            yield from members(each)


def members_of(name: str) -> set[str]:
    return set(members(json.loads((FOLDER / types.offered()[name].schema).read_text())))


@requirement("CBUAE-2.4a")
@pytest.mark.parametrize("name", types.offered())
def test_no_type_speaks_of_authorizing_in_a_way_that_nobody_looked_at(name):
    """A member of a new version that asks for more than one person must be refused like this."""
    speaking = {each for each in members_of(name) if re.search("authori[sz]|approver", each, re.I)}

    assert speaking <= set(ABOUT_AUTHORIZING)


@requirement("CBUAE-2.4a")
@pytest.mark.parametrize(
    "name", [each for each in types.offered() if "IsSingleAuthorization" in members_of(each)]
)
def test_every_type_that_has_the_member_refuses_several_authorisers(name):
    found = types.offered()[name]
    valid = details.single_payment() | {"type": name}
    if name.endswith(":v1.2"):  # which knows no payment at once, and references of another form
        amount = {"Amount": "10.00", "Currency": "AED"}
        dated: dict[str, object] = {"Type": "SingleFutureDatedPayment", "Amount": amount}
        dated["RequestedExecutionDate"] = NOW.date().isoformat()
        valid = changed(valid, SCHEDULE, {"SinglePayment": dated})
        valid = changed(valid, "consent.DebtorReference", ABSENT)
        valid = changed(valid, "consent.CreditorReference", ABSENT)
    found.require_valid(valid, now=NOW, zone=UTC)
    found.require_valid(changed(valid, PATH, ABSENT), now=NOW, zone=UTC)

    with pytest.raises(InvalidAuthorizationDetails) as refusal:
        found.require_valid(changed(valid, PATH, False), now=NOW, zone=UTC)

    assert SENTENCE in refusal.value.public_description
    assert refusal.value.clause == "CBUAE-2.4a"


@requirement("CBUAE-2.4a")
@pytest.mark.parametrize("schedule", ["one payment", "payments"])
def test_such_a_payment_is_refused_where_it_is_pushed(still, uae, make_tpp, schedule):
    uae.authorization_details_types = [*UAE_TYPES, PAYMENT]
    uae.save()
    world.bank(uae)
    tpp = make_tpp("uae-tpp", uae, require_signed_request_object=True)

    def push(single):
        asked = details.single_payment(now=timezone.now(), IsSingleAuthorization=single)
        if schedule == "payments":
            week = {
                "Type": "FixedPeriodicSchedule",
                "PeriodType": "Week",
                "PeriodStartDate": timezone.now().date().isoformat(),
                "Amount": {"Amount": "10.00", "Currency": "AED"},
            }
            several = {"MultiPayment": {"PeriodicSchedule": week}}
            asked["consent"]["ControlParameters"]["ConsentSchedule"] = several
        return tpp.push_signed(authorization_details=[asked], nonce=str(uuid.uuid4()))

    assert push(single=True).status_code == 201
    with nothing_stored():
        refused(push(single=False), "invalid_authorization_details", about=SENTENCE)
