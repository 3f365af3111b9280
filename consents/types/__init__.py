"""Types of authorization_details (RFC 9396): each validates, describes and grants one kind."""

from collections.abc import Mapping
from types import MappingProxyType

from consents.types import (
    account_information,
    bilateral_contract,
    patient_record_access,
    payment_initiation,
)
from consents.types.detail_type import DetailType
from consents.types.openfinanceuae import account_access, insurance, service_initiation

TYPES = (
    account_information.TYPE,
    payment_initiation.TYPE,
    patient_record_access.TYPE,
    bilateral_contract.TYPE,
    account_access.V1_0,
    account_access.V1_2,
    account_access.V2_1,
    account_access.V2_2,
    service_initiation.V1_2,
    service_initiation.V2_1,
    service_initiation.V2_2,
    insurance.V1_2,
    insurance.V2_1,
    insurance.V2_2,
)
OFFERED = MappingProxyType({each.name: each for each in TYPES})


def find(name: str) -> DetailType | None:
    """The type of this full name, or None: there is no guessing of versions."""
    return OFFERED.get(name)


def offered() -> Mapping[str, DetailType]:
    """Every type that an ecosystem may turn on, by its full name."""
    return OFFERED
