"""Open Finance UAE: urn:openfinanceuae:insurance-consent, version 2.1."""

from datetime import UTC

import pytest

from authserver.protocol.errors import InvalidAuthorizationDetails
from consents import types
from tests.support import details
from tests.support.details import ABSENT, NOW, changed

requirement = pytest.mark.requirement

TYPE = types.offered()["urn:openfinanceuae:insurance-consent:v2.1"]


@requirement("CBUAE-2.4c")
def test_the_valid_consent_is_accepted_and_told_by_insurance():
    detail = details.insurance()
    TYPE.require_valid(detail, now=NOW, zone=UTC)

    groups = TYPE.describe(detail).groups

    assert [group.title for group in groups] == ["Motor insurance", "Travel insurance"]
    assert not TYPE.needs_accounts


@requirement("CBUAE-2.4c")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("consent.ConsentId", ABSENT),
        ("consent.Permissions", []),
        ("consent.Permissions.0.InsuranceType", "Pet"),
        ("consent.Permissions.0.Permissions", []),
        ("consent.Permissions.0.Permissions", ["ReadAccountsBasic"]),
        ("consent.Permissions.1.InsuranceType", "Motor"),
        ("consent.OpenFinanceBilling", ABSENT),
        ("consent.OpenFinanceBilling.Purpose", "TaxFiling"),
        ("consent.ExpirationDateTime", ABSENT),
    ],
)
def test_a_consent_is_held_to_its_form(path, value):
    with pytest.raises(InvalidAuthorizationDetails) as refusal:
        TYPE.require_valid(changed(details.insurance(), path, value), now=NOW, zone=UTC)
    assert refusal.value.clause == "CBUAE-2.4c"
