"""Lists of what grows: the newest of what is asked for, looked through so far and no further."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin

from authserver.audit.admin import ENDPOINTS
from authserver.audit.models import AuditEvent, Refusal
from authserver.backoffice import newest
from authserver.backoffice.newest_first import NewestFirst
from authserver.endpoints.metadata import ENDPOINTS_OF_THE_CODE_FLOW, MACHINE_ENDPOINTS
from authserver.tokens.models import AccessToken
from consents.models import Consent
from tests.support.operator import page

LIMIT = 5
# What is registered, or as few as what is registered: it is searched for parts of words.
SMALL = {
    "clients.Client",
    "clients.ClientCertificate",
    "clients.Participant",
    "clients.ResourceServer",
    "ecosystems.Ecosystem",
    "ecosystems.RevocationList",
    "ecosystems.TrustAnchor",
    "keys.SigningKey",
    "tokens.IDToken",  # no rows
}


@pytest.fixture(autouse=True)
def few_are_listed(monkeypatch):
    monkeypatch.setattr(newest, "MOST_LISTED", LIMIT)
    monkeypatch.setattr(NewestFirst, "list_per_page", 3, raising=False)


@pytest.fixture
def trail(db):
    """Twelve events, an hour apart, every fourth a failed sign-in; the oldest first."""
    noon = datetime(2027, 1, 7, 12, tzinfo=UTC)
    for hour in range(12):
        event = "login.failed" if hour % 4 == 0 else "token.issued"
        made = AuditEvent.objects.create(event=event, actor="mariam", subject=f"s{hour % 2}")
        AuditEvent.objects.filter(pk=made.pk).update(at=noon + timedelta(hours=hour))
    return list(AuditEvent.objects.order_by("at"))


def shown(operator, url, query=None):
    """The response, and the rows of all pages."""
    response = operator.get(url, query)
    assert response.status_code == 200
    rows = list(response.context["cl"].result_list)
    for number in list(response.context["cl"].paginator.page_range)[1:]:
        place = f"{response.request['PATH_INFO']}?{response.request['QUERY_STRING']}"
        rows += operator.get(f"{place}&p={number}").context["cl"].result_list
    return response, rows


def events(operator, query=None):
    return shown(operator, page(AuditEvent, "changelist"), query)


def on_from(operator, response):
    """Follow the link behind the end of the list."""
    changelist = response.context["cl"]
    assert changelist.older_url in response.content.decode().replace("&amp;", "&")
    return shown(operator, page(AuditEvent, "changelist") + changelist.older_url)


def test_every_list_is_of_what_does_not_grow_or_shows_the_newest():
    others = {
        model._meta.label
        for model, site_page in admin.site._registry.items()
        if not isinstance(site_page, NewestFirst)
    }

    assert others == SMALL


def test_a_list_ends_with_the_newest_so_many_and_goes_on_from_there(auditor, trail):
    response, rows = events(auditor)
    assert rows == trail[:-6:-1]
    assert "There are more than these" in response.content.decode()

    response, rows = on_from(auditor, response)
    assert rows == trail[-6:-11:-1]
    response, rows = on_from(auditor, response)
    assert rows == trail[-11::-1]
    assert not response.context["cl"].is_cut
    assert 'id="cut"' not in response.content.decode()


def test_what_an_index_leads_to_is_found_in_parts(auditor, trail):
    """The index has the events of each name in order, and not those of all that are asked for."""
    response, rows = events(auditor, {"about": "login"})
    assert rows == [trail[8], trail[4], trail[0]]

    response, rows = events(auditor, {"about": "token"})
    assert rows == [trail[11], trail[10], trail[9], trail[7], trail[6]]
    assert response.context["cl"].is_cut


def test_anything_else_is_looked_for_among_those(auditor, trail):
    response, rows = events(auditor, {"about": "login", "q": "mariam"})
    assert rows == [trail[8]]
    assert "Looked for among" in response.content.decode()

    response, rows = on_from(auditor, response)
    assert rows == [trail[4]]


def test_a_filter_that_has_an_index_reaches_as_far_as_there_are_rows(auditor, trail):
    response, rows = events(auditor, {"event": "login.failed"})

    assert rows == [trail[8], trail[4], trail[0]]
    assert not response.context["cl"].is_cut


def test_of_two_filters_the_one_begins_that_reaches_further_back(auditor, trail, openfinance):
    AuditEvent.objects.filter(pk__in=[trail[0].pk, trail[1].pk]).update(ecosystem="openfinance")

    response, rows = events(auditor, {"event": "token.issued", "ecosystem": "openfinance"})

    assert rows == [trail[1]]
    assert not response.context["cl"].is_cut


def test_a_list_begins_with_the_day_that_is_asked_for(auditor, trail):
    AuditEvent.objects.filter(pk=trail[0].pk).update(at=datetime(2027, 1, 6, 23, 59, tzinfo=UTC))

    assert events(auditor, {"until": "2027-01-06"})[1] == [trail[0]]
    assert events(auditor, {"until": "2027-01-07", "event": "login.failed"})[1][0] == trail[8]


@pytest.mark.case("AD-11")
@pytest.mark.parametrize("until", ["x", "2027-13-01", "9999-12-31", "1e9", "2027-01-07T99"])
def test_a_day_that_is_none_lists_nothing(auditor, trail, until):
    response = auditor.get(page(AuditEvent, "changelist"), {"until": until})

    assert response.status_code == 302
    assert response["Location"].endswith("?e=1")


@pytest.mark.parametrize("until", ["x", "1.5", "9" * 30])
def test_a_number_that_is_none_lists_nothing(auditor, granted, until):
    address = page(AccessToken, "changelist")

    assert auditor.get(address, {"until": until}).status_code == 302
    assert shown(auditor, address, {"until": "9" * 18})[1] == [AccessToken.objects.get()]


def test_no_other_order_is_taken(auditor, trail):
    assert events(auditor, {"o": "1"})[1] == events(auditor)[1]
    assert auditor.get(page(AuditEvent, "changelist")).context["cl"].sortable_by == ()


def test_what_is_found_in_several_ways_is_named_and_each_can_be_chosen(auditor, trail):
    AuditEvent.objects.filter(pk=trail[3].pk).update(client_id="mariam")

    response, rows = events(auditor, {"q": " mariam "})
    assert rows == [trail[3]]
    assert "Found as client id." in response.content.decode()
    assert "by=actor" in response.content.decode()

    response, rows = events(auditor, {"q": "mariam", "by": "actor"})
    assert rows == trail[:-6:-1]
    assert "Found as actor." in response.content.decode()


@pytest.mark.case("AD-11")
@pytest.mark.parametrize("asked", ["mar", "mariam%", "MARIAM'", "0" * 300])
def test_a_part_finds_nothing(auditor, trail, asked):
    response, rows = events(auditor, {"q": asked})

    assert rows == []
    assert 'id="empty-list"' in response.content.decode()


def test_an_export_is_the_same_rows(auditor, trail):
    response = auditor.get(page(AuditEvent, "export"), {"about": "login", "q": "mariam"})

    assert response.content.decode().count("login.failed") == 1


def test_consents_are_found_by_their_time(auditor, granted):
    asked = shown(auditor, page(Consent, "changelist"), {"until": "2999-12-30"})[1]
    before = shown(auditor, page(Consent, "changelist"), {"until": "2020-01-01"})[1]

    assert (asked, before) == ([Consent.objects.get()], [])


def test_refusals_are_filtered_by_every_endpoint_that_refuses_the_identified(auditor):
    offered = {*MACHINE_ENDPOINTS.values(), *ENDPOINTS_OF_THE_CODE_FLOW.values(), "/authorize"}

    assert set(ENDPOINTS) == offered
    shown(auditor, page(Refusal, "changelist"), {"endpoint": "/par"})


@pytest.mark.parametrize("whose", ["client", "person"])
def test_the_page_of_a_client_or_a_person_leads_to_its_consents(auditor, tpp, granted, whose):
    consent = Consent.objects.get()
    row: Any = tpp.client if whose == "client" else consent.user
    text = auditor.get(page(type(row), "change", row.pk)).content.decode()
    [link] = re.findall(r'href="(/admin/consents/consent/[?]q=[^"]+)"', text)

    response, rows = shown(auditor, link.replace("&amp;", "&"))

    assert rows == [consent]
    assert response.context["cl"].matches[0].search.name in link.replace("+", " ")
