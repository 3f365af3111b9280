"""What each endpoint of machines may cost in statements, once its process is warm.

With PostgreSQL these are round trips: nothing begins or ends a transaction beside them. SQLite
stores row by row.
"""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support import details
from tests.support.assertions import is_served

ON_POSTGRESQL = connection.vendor == "postgresql"
# The gate is one of them: it uses the assertion up and finds the registration unchanged.
BUDGETS = {
    "client_credentials": (2, 6),
    "par": (2, 6),
    "par with details": (2, 8),
    "code": (3, 11),
    "refresh": (3, 9),
    "introspect": (2, 2),
    "userinfo": (1, 1),
}


@pytest.fixture
def operations(tpp, rs, person):
    """Each as often as it is asked for; codes are approved outside of what is counted."""
    openid = {"scope": "openid accounts"}
    pushed = [tpp.push(**openid).json()["request_uri"] for _ in range(3)]
    codes = [person.approves(tpp, each)["code"] for each in pushed]
    tokens = tpp.redeem(codes.pop()).json()
    rich = json.dumps([details.account_information(now=timezone.now())])
    return {
        "client_credentials": lambda: tpp.token(grant_type="client_credentials", scope="accounts"),
        "par": lambda: tpp.push(),
        "par with details": lambda: tpp.push(authorization_details=rich),
        "code": lambda: tpp.redeem(codes.pop()),
        "refresh": lambda: tpp.refresh(tokens["refresh_token"]),
        "introspect": lambda: rs.introspect(tokens["access_token"]),
        "userinfo": lambda: tpp.userinfo(tokens["access_token"]),
    }


@pytest.mark.parametrize("operation", BUDGETS)
def test_it_costs_no_more(operations, operation):
    assert is_served(operations[operation]())

    with CaptureQueriesContext(connection) as sent:
        response = operations[operation]()

    assert is_served(response), response.content
    budget = BUDGETS[operation][0 if ON_POSTGRESQL else 1]
    assert len(sent) <= budget, "\n".join(each["sql"][:200] for each in sent)
