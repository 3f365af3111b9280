"""``bilateral_contract``: two organisations, their contract, and the messages it covers.

A neutral sample of a type that no person approves: a client asks for it with client_credentials.
"""

from django.utils.translation import gettext as _

from consents.types.description import Description, Fact
from consents.types.detail_type import Detail, DetailType


def describe(detail: Detail) -> Description:
    return Description(
        title=_("Contract between organisations"),
        question=_("Exchange messages under a contract?"),
        approve=_("Approve"),
        refuse=_("Do not approve"),
        groups=(),
        facts=(Fact(label=_("Contract"), value=detail["contract"], literal=True),),
    )


TYPE = DetailType(
    name="bilateral_contract",
    clause="RAR-5",
    schema="bilateral_contract.json",
    describe=describe,
    needs_person=False,
)
