"""``urn:openfinanceuae:insurance-consent``: read a person's insurance policies."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from authserver.protocol.errors import InvalidAuthorizationDetails
from authserver.protocol.requirements import requirement
from consents.types.description import Description, Group
from consents.types.detail_type import Detail, DetailType
from consents.types.openfinanceuae import common
from consents.types.words import groups_of

INSURANCE = {
    "Employment": gettext_noop("Unemployment insurance"),
    "Health": gettext_noop("Health insurance"),
    "Home": gettext_noop("Home insurance"),
    "Life": gettext_noop("Life insurance"),
    "Motor": gettext_noop("Motor insurance"),
    "Renters": gettext_noop("Renters insurance"),
    "Travel": gettext_noop("Travel insurance"),
}
SENTENCES = {
    "ReadInsurancePolicies": gettext_noop("See your policies"),
    "ReadInsuranceProduct": gettext_noop("See what the policies cover"),
    "ReadInsurancePremium": gettext_noop("See what the policies cost you"),
    "ReadCustomerClaims": gettext_noop("See the claims you have made"),
    "ReadCustomerBasic": gettext_noop("See your name and who is insured"),
    "ReadCustomerDetail": gettext_noop("See your contact and identity details"),
    "ReadCustomerPaymentDetails": gettext_noop("See how you pay for the policies"),
}
OF_MOTORS = {  # version 1.2 knows one insurance, and names it in each permission
    "ReadMotorInsurancePolicies": SENTENCES["ReadInsurancePolicies"],
    "ReadMotorInsuranceProduct": SENTENCES["ReadInsuranceProduct"],
    "ReadMotorInsuranceTransactions": gettext_noop(
        "See what the policies cost you and the claims you have made"
    ),
    "ReadMotorInsuranceCustomerBasic": SENTENCES["ReadCustomerBasic"],
    "ReadMotorInsuranceCustomerDetail": SENTENCES["ReadCustomerDetail"],
    "ReadMotorInsuranceCustomerPaymentDetails": SENTENCES["ReadCustomerPaymentDetails"],
}


@requirement("CBUAE-2.4c")
def each_insurance_is_named_once(detail: Detail, now: datetime) -> None:
    """Two entries for one insurance could be read as the smaller or as the larger of them."""
    named = [each["InsuranceType"] for each in common.body_of(detail)["Permissions"]]
    if len(named) != len(set(named)):
        raise InvalidAuthorizationDetails("an insurance type is named twice")


def describe(detail: Detail) -> Description:
    return Description(
        title=_("Insurance"),
        question=_("Share your insurance data?"),
        approve=_("Share my insurance data"),
        refuse=_("Do not share"),
        groups=tuple(_groups(common.body_of(detail)["Permissions"])),
        facts=(*common.parties(detail), *common.links(detail)),
        purpose=common.purpose_of(detail),
    )


def _groups(permissions: Collection[Any]) -> Iterator[Group]:
    if all(isinstance(each, str) for each in permissions):
        yield from groups_of(permissions, {INSURANCE["Motor"]: OF_MOTORS})
        return
    for each in permissions:
        yield from groups_of(each["Permissions"], {INSURANCE[each["InsuranceType"]]: SENTENCES})


V2_1 = DetailType(
    name="urn:openfinanceuae:insurance-consent:v2.1",
    clause="CBUAE-2.4c",
    schema="openfinanceuae/insurance-consent.v2.1.json",
    describe=describe,
    rules=(
        common.ends_within_a_year,
        common.base_is_another_consent,
        each_insurance_is_named_once,
    ),
    end=common.end,
    external_id=common.external_id,
    base_id=common.base_id,
    granted=common.granted,
)
V2_2 = replace(
    V2_1,
    name="urn:openfinanceuae:insurance-consent:v2.2",
    schema="openfinanceuae/insurance-consent.v2.2.json",
)
V1_2 = replace(
    V2_1,
    name="urn:openfinanceuae:insurance-consent:v1.2",
    schema="openfinanceuae/insurance-consent.v1.2.json",
    rules=(common.ends_within_a_year, common.base_is_another_consent),
)
