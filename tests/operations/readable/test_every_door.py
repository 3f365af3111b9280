"""What is no text, sent to every URL in every part of a request: refused, never our fault."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client as Http
from django.urls import URLPattern, URLResolver, get_resolver

case = pytest.mark.case
FORM = "application/x-www-form-urlencoded"
CONVERTED = re.compile(r"<(?:(\w+):)?(\w+)>")
FILLED = {
    "slug": "openfinance",
    "uuid": "6d9c6c52-4a7c-4f5c-9f3a-8b0a1c2d3e4f",
    "int": "1",
    "str": "x",
    "path": "1",
}
NUL = "%00"
HOSTILE = {"NUL": NUL, "a surrogate, and not UTF-8": "%ED%A0%80%FF%FE", "long": "x" * 3000}
NAMES = (
    "client_id", "request_uri", "request", "token", "code", "login", "q", "next", "id__exact",
    "participant", "application__ecosystem__id__exact", "p", "o", "all", "_popup",
)  # fmt: skip


def routes(patterns=None, before="") -> Iterator[str]:
    """Every route of the server, as a path with each of its parts filled in."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, route)
        elif isinstance(each, URLPattern):
            yield route


def filled(route: str, hostile: str = "") -> str:
    """The path; each part that a caller chooses is the hostile text where one is given."""
    plain = re.sub(r"\(\?P<\w+>.*?\)\$?$", hostile or "1", route)
    return "/" + CONVERTED.sub(lambda part: hostile or FILLED.get(part[1] or "str", "x"), plain)


ROUTES = sorted(set(routes()))


@pytest.fixture(params=["a stranger", "an operator"])
def caller(request, openfinance) -> Http:
    if request.param == "a stranger":
        return Http(raise_request_exception=False)
    made = request.getfixturevalue("operator").http
    made.raise_request_exception = False
    return made


def sent_everywhere(caller: Http, route: str, text: str) -> Iterator[tuple[str, int]]:
    """Send the text in every part of a request; yield the part and the status of the answer."""
    path = filled(route)
    query = "&".join(f"{name}={text}" for name in NAMES) + f"&a{text}=1"
    bare = "\x00" if text == NUL else text
    cookie = "\\000" if text == NUL else text
    cookies = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "__Host-language")
    yield "path", caller.get(filled(route, text)).status_code
    yield "query", caller.get(f"{path}?{query}").status_code
    yield "form", caller.post(path, query, content_type=FORM).status_code
    yield "header", caller.get(path, headers={"Authorization": f"Bearer {bare}"}).status_code
    sent = "; ".join(f'{name}="{cookie}"' for name in cookies)
    stranger = Http(raise_request_exception=False)
    yield "cookie", stranger.get(path, HTTP_COOKIE=sent).status_code
    json = caller.post(path, f'{{"a": "\\u0000{bare}"}}', content_type="application/json")
    if json.status_code >= 500:  # what a view reads of it, it reads by strict_json
        yield "JSON", json.status_code


@case("ER-01", "HT-04")
@pytest.mark.parametrize("what", HOSTILE)
def test_no_part_of_a_request_is_our_fault(caller, what):
    found = {
        f"{route} {part}": status
        for route in ROUTES
        for part, status in sent_everywhere(caller, route, HOSTILE[what])
    }

    assert {place: status for place, status in found.items() if status >= 500} == {}
    if what == "NUL":
        chosen = {
            place: status
            for place, status in found.items()
            if not place.endswith(" path") or "<" in place
        }
        assert {place: status for place, status in chosen.items() if status != 400} == {}


@case("ER-01")
def test_without_it_the_same_requests_reach_their_views(caller):
    statuses = {status for _, status in sent_everywhere(caller, "<slug:slug>/jwks", "x")}

    assert 200 in statuses


@case("ER-01")
@pytest.mark.parametrize("body", ["multipart", "form"])
def test_a_nul_in_a_form_is_refused(caller, body):
    fields = {"login": "a\x00b", "password": "x"}
    options = {} if body == "multipart" else {"content_type": FORM}
    data = fields if body == "multipart" else "login=a%00b&password=x"

    answer = caller.post("/accounts/login/", data, **options)
    assert answer.status_code == 400
    good = {"login": "ab", "password": "x"}
    is_signed_in = "_auth_user_id" in caller.session
    assert caller.post("/accounts/login/", good).status_code == (303 if is_signed_in else 200)


def test_the_routes_are_found():
    assert len(ROUTES) > 60
    assert "<slug:slug>/par" in ROUTES
    assert quote(NUL) == "%2500"
