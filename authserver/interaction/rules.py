"""What is needed of a person, said once: for the checks, the pages and the count of steps."""

from collections.abc import Set

from authserver.accounts import acr
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.requirements import requirement
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.tokens.models import AuthorizationTransaction
from consents import types

OFFERED_ACR = frozenset({acr.ACR_TWO_FACTORS, acr.ACR_ONE_FACTOR})


@requirement("OIDCC-5.5.1.1", "PRODUCT-5")
def two_factors_are_needed(request: AuthorizationRequest, ecosystem: Ecosystem) -> bool:
    """The ecosystem demands them, or the request asks for no acr that is weaker."""
    if ecosystem_demands_two_factors(ecosystem):
        return True
    voluntary = set((request.acr_values or "").split())
    return (essential_acr(request) or voluntary) & OFFERED_ACR == {acr.ACR_TWO_FACTORS}


def ecosystem_demands_two_factors(ecosystem: Ecosystem) -> bool:
    return ecosystem.login_policy == Ecosystem.LoginPolicy.TWO_FACTORS


def is_strong_enough(
    authentication: acr.Authentication, request: AuthorizationRequest, ecosystem: Ecosystem
) -> bool:
    """Two factors always are; one is where nobody asks for more."""
    return authentication.acr == acr.ACR_TWO_FACTORS or not two_factors_are_needed(
        request, ecosystem
    )


def essential_acr(request: AuthorizationRequest) -> Set[str]:
    """The acr values that the request insists on (OpenID Connect Core, 5.5.1.1)."""
    asked = request.claims.get("id_token")
    asked = asked.get("acr") if isinstance(asked, dict) else None
    if not isinstance(asked, dict) or asked.get("essential") is not True:
        return frozenset()
    values = asked.get("values", [asked.get("value")])
    if not isinstance(values, list):
        return frozenset()
    return frozenset(each for each in values if isinstance(each, str))


@requirement("RAR-7.1")
def accounts_are_needed(request: AuthorizationRequest) -> bool:
    """One of its types shares accounts, or pays from one."""
    detail_types = (types.find(detail["type"]) for detail in request.authorization_details or ())
    return any(each is not None and each.needs_accounts for each in detail_types)


def accounts_are_chosen(transaction: AuthorizationTransaction) -> bool:
    return bool(transaction.choices.get("accounts"))
