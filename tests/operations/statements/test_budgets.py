"""What each endpoint of machines, and a person's journey, may cost in statements, once warm.

With PostgreSQL these are round trips: nothing begins or ends a transaction beside them. SQLite
stores row by row.
"""

import json
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client as Http
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support import details, world
from tests.support.assertions import is_served
from tests.support.guest import PASSWORD
from tests.support.person import Person, answer_in, is_answer

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


# A person's way from the client's link to the redirect back, with every page and form between.
JOURNEYS = {
    "session exists": (7, 17),
    "session exists, JARM": (7, 17),
    "sign-in and consent pages": (33, 47),
}


@pytest.fixture
def journeys(tpp, person, openfinance):
    """Each as often as it is asked for; a new browser where somebody signs in."""
    record = details.patient_record(now=timezone.now())
    openfinance.login_policy = openfinance.LoginPolicy.ONE_FACTOR
    for each in (openfinance, tpp.client):  # one page decides: no bank is asked for accounts
        each.authorization_details_types = [record["type"]]
        each.save()
    world.person("yusuf", openfinance)
    person.approves(tpp, tpp.push().json()["request_uri"])
    rich = json.dumps([record])
    links = {
        "session exists": [link(tpp) for _ in range(2)],
        "session exists, JARM": [link(tpp, response_mode="jwt") for _ in range(2)],
        "sign-in and consent pages": [link(tpp, authorization_details=rich) for _ in range(2)],
    }

    def with_pages(address):
        """Signs in as yusuf, and agrees."""
        newcomer = Person(person.user, Http())
        page = newcomer.follow(newcomer.browser.get(address))
        form = {
            "login": "yusuf",
            "password": PASSWORD,
            "next": page.context["redirect_field_value"],
        }
        review = newcomer.follow(newcomer.browser.post("/accounts/login/", form))
        return newcomer.decides(review)

    def at_once(address):
        return person.follow(person.browser.get(address))

    ways = {name: with_pages if "pages" in name else at_once for name in links}
    return {name: lambda name=name: ways[name](links[name].pop()) for name in links}


def link(tpp, **asked):
    query = {"client_id": tpp.client_id, "request_uri": tpp.push(**asked).json()["request_uri"]}
    return f"/openfinance/authorize?{urlencode(query)}"


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_journey_costs_no_more(journeys, journey):
    assert is_answer(journeys[journey]())

    with CaptureQueriesContext(connection) as sent:
        answer = journeys[journey]()

    assert "error" not in answer_in(answer)
    budget = JOURNEYS[journey][0 if ON_POSTGRESQL else 1]
    assert len(sent) <= budget, "\n".join(each["sql"][:200] for each in sent)
