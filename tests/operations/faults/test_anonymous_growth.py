"""What nobody identified did fills no table: every door, knocked at again and again.

The doors are those of the URL map, so a new one is knocked at too. A door that writes anything is
knocked at 150 times, and may write what the budget here allows it.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client as Http
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import UUIDConverter

from authserver.audit.models import AuditEvent, Tally
from authserver.tokens.models import AuthorizationTransaction
from authserver.tokens.transactions import BROWSERS
from tests.support.person import Person

case = pytest.mark.case

KNOCKS = 150
FIRST = 3
# Rows that one door may add for one sender or one request, however often it is called.
BUDGET = {
    "tokens_authorizationtransaction": BROWSERS,
    "audit_auditevent": 5,  # the opening of a request; the five tries at one name
    "audit_tally": 2,  # an hour may end meanwhile
    "cache": 2 * settings.SIGN_INS_PER_MINUTE + 5,  # counts of the last minutes, then purged
}
FORM = {
    "login": "mariam",
    "password": "wrong",
    "code": "000000",
    "client_id": "tpp",
    "grant_type": "authorization_code",
    "token": "unknown",
    "refresh_token": "unknown",
    "client_assertion": "a.b.c",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "decision": "approve",
    "accounts": "acc-1",
    "language": "ar",
    "next": "/accounts/",
}
GIVEN = {
    "slug": "openfinance",
    "handle": "some-handle",
    "pk": 1,
    "object_id": "1",
    "app_label": "audit",
    "content_type_id": 1,
    "consent_id": "6f1cbd0e-6f7c-4a79-b2a1-2f5ee2a1c7d4",
    "verb": "switch-off",
    "url": "x",
    "name": "x",
}


def rows_of_every_table() -> dict[str, int]:
    names = connection.introspection.table_names()
    counts = ", ".join(
        f"(SELECT count(*) FROM {connection.ops.quote_name(name)})"  # noqa: S608
        for name in names
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return dict(zip(names, cursor.fetchone(), strict=True))


def growth(before: dict[str, int]) -> dict[str, int]:
    now = rows_of_every_table()
    return {name: now[name] - count for name, count in before.items() if now[name] > count}


def within_the_budget(grown: dict[str, int]) -> bool:
    return all(count <= BUDGET.get(table, 0) for table, count in grown.items())


def patterns(found: Iterable[Any], space: str = "") -> Iterable[tuple[str, URLPattern]]:
    for each in found:
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from patterns(each.url_patterns, inner)
        else:
            yield space, each


def doors() -> list[str]:
    """The address of every door of the URL map."""
    found = []
    for space, pattern in patterns(get_resolver().url_patterns):
        names = pattern.pattern.regex.groupindex
        assert names.keys() <= GIVEN.keys(), f"give {pattern.pattern} a value"
        values = {name: GIVEN[name] for name in names} | {
            name: GIVEN["consent_id"]
            for name, converter in pattern.pattern.converters.items()
            if isinstance(converter, UUIDConverter)
        }
        try:
            found.append(reverse(f"{space}{pattern.name}", kwargs=values))
        except NoReverseMatch:  # the admin's last pattern, which catches what nothing else does
            assert space == "admin:", pattern
    return sorted(set(found))


def knock(path: str, number: int) -> None:
    """As somebody who was never here; what is said differs each time, where it can."""
    for method in ("get", "post"):
        client = Http()
        client.cookies["__Host-browser"] = f"browser-{number}"
        form = FORM | {"login": f"invented-{number}", "jti": str(number)}
        getattr(client, method)(
            path, form, HTTP_DPOP="a.b.c", HTTP_AUTHORIZATION=f"Bearer {number}"
        )


@case("PR-33", "LO-06")
def test_no_door_of_the_map_fills_a_table(tpp, yusuf_and_mariam, monkeypatch):
    found = doors()
    assert len(found) > 100
    for path in found:
        before = rows_of_every_table()
        for number in range(FIRST):
            knock(path, number)
        if growth(before):
            for number in range(FIRST, KNOCKS):
                knock(path, number)
            assert within_the_budget(growth(before)), (path, growth(before))


@pytest.fixture
def yusuf_and_mariam(openfinance) -> Any:
    from tests.support import world

    return [world.person(name, openfinance) for name in ("yusuf", "mariam")]


@pytest.fixture
def link(tpp) -> str:
    query = {"client_id": tpp.client_id, "request_uri": tpp.push().json()["request_uri"]}
    return f"/openfinance/authorize?{urlencode(query)}"


@case("PR-33")
def test_one_link_is_opened_by_a_few_browsers_and_noted_once(tpp, link):
    before = rows_of_every_table()

    answers = [Http().get(link).status_code for _ in range(KNOCKS)]

    assert answers == [303] * BROWSERS + [400] * (KNOCKS - BROWSERS)
    assert growth(before) == {
        "tokens_authorizationtransaction": BROWSERS,
        "audit_auditevent": 1,
    }
    assert AuditEvent.objects.filter(event="request.opened").count() == 1


@case("PR-33")
def test_the_browser_that_is_on_its_way_goes_on(tpp, link, person):
    first = person.browser.get(link)
    for _ in range(KNOCKS):
        Http().get(link)

    assert person.browser.get(link)["Location"] == first["Location"]
    assert AuthorizationTransaction.objects.count() == BROWSERS


@case("PR-33")
@pytest.mark.parametrize("name", ["yusuf", "nobody", "invented-{}"])
def test_failed_sign_ins_are_counted(yusuf_and_mariam, settings, name):
    settings.ATTEMPT_RATES = settings.ATTEMPT_RATES | {"login": "1000/m/ip"}
    before = rows_of_every_table()
    for number in range(KNOCKS):
        Http().post(reverse("account_login"), {"login": name.format(number), "password": "wrong"})

    assert within_the_budget(growth(before)), growth(before)
    assert Tally.objects.count() <= 2


@case("PR-33")
@pytest.mark.parametrize("door", ["authorize-resume", "authorize-cancel"])
def test_a_strangers_handle_costs_nothing(tpp, link, door, openfinance):
    Http().get(link)
    handle = AuthorizationTransaction.objects.get().handle
    before = rows_of_every_table()
    for number in range(KNOCKS):
        knock(reverse(door, args=["openfinance", handle]), number)

    assert growth(before) == {}


@case("PR-33")
def test_a_person_is_identified_and_noted_each_time(tpp, person: Person):
    """The control: what somebody does who is signed in is in the trail."""
    for _ in range(3):
        person.approves(tpp, tpp.push().json()["request_uri"])

    assert AuditEvent.objects.filter(event="request.opened").count() == 3
    assert AuditEvent.objects.filter(event="code.issued").count() == 3
