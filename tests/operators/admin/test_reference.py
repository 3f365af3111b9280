"""Whatever reference a person is shown, an operator finds what happened under it."""

import json
import logging
import re

import pytest
from django.conf import settings
from django.test import Client as Http
from django.urls import reverse
from django.utils import timezone

from authserver.tokens.models import AuthorizationTransaction
from tests.support import details, world
from tests.support.bank import Bank
from tests.support.clock import at
from tests.support.person import Person

case = pytest.mark.case


@pytest.fixture
def journey(tpp, person, monkeypatch):
    """A request on its way, at the choice of accounts."""
    monkeypatch.setattr("consents.account_source.fetch_json", Bank().fetch_json)
    detail = details.account_information(now=timezone.now())
    pushed = tpp.push(authorization_details=json.dumps([detail])).json()["request_uri"]
    person.opens(tpp, pushed)
    return AuthorizationTransaction.objects.get().handle


def unknown_request(person, journey, openfinance):
    return person.browser.get("/openfinance/authorize?client_id=x&request_uri=y")


def another_browser(person, journey, openfinance):
    return Http().get(f"/openfinance/consent/{journey}")


def another_person(person, journey, openfinance):
    Person(world.person("omar", openfinance), person.browser).sign_in()
    return person.browser.get(f"/openfinance/consent/{journey}")


def a_form_that_is_not_ours(person, journey, openfinance):
    return person.browser.post(f"/openfinance/consent/{journey}/accounts", {"amount": "1"})


def no_such_page(person, journey, openfinance):
    return person.browser.get("/consents/nowhere", headers={"Accept": "text/html"})


def no_csrf_token(person, journey, openfinance):
    strict = Http(enforce_csrf_checks=True)
    strict.cookies = person.browser.cookies
    return strict.post(f"/openfinance/consent/{journey}", {"decision": "approve"}, secure=True)


def not_for_them(person, journey, openfinance):
    return person.browser.get("/admin/")


def time_over(person, journey, openfinance):
    with at(minutes=11):
        return person.browser.get(f"/openfinance/authorize/{journey}")


def not_enrolled(person, journey, openfinance):
    person.user.enrolments.update(is_active=False)
    return person.browser.get(f"/openfinance/authorize/{journey}")


LOGGED = (
    unknown_request,
    another_browser,
    another_person,
    a_form_that_is_not_ours,
    no_such_page,
    no_csrf_token,
    not_for_them,
)
KEPT = (time_over, not_enrolled)


def reference_on(page):
    found = re.search(r'id="interaction-id">([^<]+)<', page.content.decode())
    assert found, page.content.decode()
    assert found[1] == page["x-fapi-interaction-id"]
    return found[1]


def names(value, reference):
    return isinstance(value, dict) and value.get("interaction_id") == reference


@case("ER-06", "PR-38")
@pytest.mark.parametrize("meet", [*LOGGED, *KEPT], ids=lambda meet: meet.__name__)
def test_a_reference_leads_to_a_line_of_the_log(person, journey, openfinance, caplog, meet):
    with caplog.at_level(logging.WARNING):
        reference = reference_on(meet(person, journey, openfinance))

    lines = [record.msg for record in caplog.records if names(record.msg, reference)]
    assert [line for line in lines if line["event"] in ("page.refused", "request.refused")]
    assert journey not in str(lines)


@case("ER-06", "LO-05")
@pytest.mark.parametrize("meet", KEPT, ids=lambda meet: meet.__name__)
def test_what_an_identified_client_asked_for_is_found_from_the_start_page(
    auditor, person, journey, openfinance, meet
):
    person.browser.defaults["HTTP_X_REAL_IP"] = "198.51.100.7"
    reference = reference_on(meet(person, journey, openfinance))
    start = auditor.get(reverse("admin:index")).content.decode()
    form = re.search(r'<form class="why" action="([^"]+)"', start)
    assert form

    shown = auditor.get(form[1], {"q": reference}).content.decode()

    assert "tpp from 198.51.100.7 at /authorize" in shown
    assert "consent.rejected" in shown
    other = auditor.get(form[1], {"q": "f" * 36}).content.decode()
    assert "at /authorize" not in other
    assert "consent.rejected" not in other


@case("AD-13")
def test_a_reference_is_looked_up_by_operators_alone(person, boss, openfinance):
    url = reverse("admin:reference")

    assert boss.get(url).status_code == 200
    assert "server's log" in boss.get(url, {"q": "<b>x"}).content.decode()
    assert b"<b>x" not in boss.get(url, {"q": "<b>x"}).content
    assert person.browser.get(url).status_code == 403
    person.browser.cookies.pop(settings.SESSION_COOKIE_NAME)
    assert person.browser.get(url).status_code == 302
