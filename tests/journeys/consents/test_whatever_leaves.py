"""Any registration, any requests in a row: whatever leaves was on a page, and is in the row.

A page, a stored consent, a receipt and every answer are read as the same kind of set: of scopes,
claims with their places, details, accounts, purposes and named resources.
"""

import base64
import html
import json
import re
import uuid
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client as Http
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from authserver.ecosystems.models import Ecosystem
from authserver.protocol.specs.claims import BY_SCOPE, SUPPORTED
from authserver.tokens.handles import digest
from authserver.tokens.models import AuthorizationCode
from clients.models import Client
from consents.models import Consent
from tests.support import details, world
from tests.support.assertions import nothing_stored
from tests.support.person import Person, answer_in, is_answer

case = pytest.mark.case
requirement = pytest.mark.requirement

PROTOCOL = {"iss", "sub", "aud", "exp", "iat", "nonce", "auth_time", "acr", "amr", "at_hash"}
TECHNICAL = re.compile(r"<dd><code[^>]*>([^<]+)</code></dd>")
WITH_PLACES = re.compile(r"(\w+) \(([\w, ]+)\)")
ACTIONS = {"list_accounts", "read_balances", "read_transactions"}
PURPOSE = re.compile(r"<blockquote><bdi>([^<]+)</bdi></blockquote>")
ACCOUNT = re.compile(r"<strong><bdi>(Everyday|Rainy day|House)</bdi></strong>")
RESOURCE = re.compile(r"<dt>For use at</dt><dd><bdi[^>]*>([^<]+)</bdi></dd>")
SENT = re.compile(r'<pre class="sent"[^>]*>(.*?)</pre>', re.DOTALL)
ACCOUNT_IDS = {"Everyday": "acc-1", "Rainy day": "acc-2", "House": "acc-3"}

Entry = tuple[str, ...]

scopes = st.lists(st.sampled_from(["profile", "email", "accounts"]), unique=True).map(
    lambda more: ["openid", *more]
)
names = st.lists(st.sampled_from(SUPPORTED), unique=True)
everything = {"scopes": ["openid", "profile", "email", "accounts"], "claims": list(SUPPORTED)}
lists = st.one_of(
    st.just(everything),
    st.just({"scopes": ["openid", "accounts"], "claims": list(SUPPORTED)}),
    st.fixed_dictionaries({"scopes": scopes, "claims": names}),
)
of_a_place = st.dictionaries(st.sampled_from([*SUPPORTED, "shoe_size"]), st.none())
claims = st.fixed_dictionaries(
    {}, optional={"userinfo": of_a_place, "id_token": of_a_place, "elsewhere": of_a_place}
)
purposes = st.sampled_from(["", "To greet you", "To sell you something"])
resources = st.sampled_from(["", world.BANK])
first = st.fixed_dictionaries(
    {"scope": scopes},
    optional={"claims": claims, "purpose": purposes, "resource": resources},
)
# What comes after is the first one with a thing changed: a consent is remembered, or outrun.
one_change = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"claims": claims}),
    st.fixed_dictionaries({"scope": scopes}),
    st.fixed_dictionaries({"purpose": purposes}),
    st.fixed_dictionaries({"resource": resources}),
    st.just({"detail": True}),
    st.just({"prompt": "consent"}),
)
in_a_row = st.tuples(first, st.lists(one_change, min_size=1, max_size=3)).map(
    lambda drawn: [drawn[0], *(drawn[0] | change for change in drawn[1])]
)


@pytest.fixture(autouse=True)
def no_rate(monkeypatch) -> None:
    """Many requests in a row, beside a bank that calls too, are no fault of this client."""
    monkeypatch.setattr(django_settings, "PUSHES_PER_SECOND", 0)


def of_details(found: list[dict[str, Any]]) -> set[Entry]:
    entries: set[Entry] = set()
    for detail in found:
        body = {name: value for name, value in detail.items() if name != "accounts"}
        entries.add(("detail", json.dumps(body, sort_keys=True)))
        entries |= {("account", each["id"]) for each in detail.get("accounts", ())}
    return entries


def on_a_page(page: Any) -> set[Entry]:
    """What the page that asks, or a receipt, says."""
    text = html.unescape(page.content.decode())
    entries: set[Entry] = set()
    for technical in set(TECHNICAL.findall(text)) - ACTIONS:
        with_places = WITH_PLACES.fullmatch(technical)
        if with_places is None:
            entries.add(("scope", technical))
        else:
            name, places = with_places.groups()
            entries |= {("claim", name, place) for place in places.split(", ")}
    entries |= {("purpose", each) for each in PURPOSE.findall(text)}
    entries |= {("account", ACCOUNT_IDS[each]) for each in ACCOUNT.findall(text)}
    entries |= {("resource", each) for each in RESOURCE.findall(text)}
    for sent in SENT.findall(text):
        entries |= of_details(json.loads(sent))
    return entries


def in_the_row(consent: Consent) -> set[Entry]:
    """The columns themselves, read without the value that is made of them."""
    purposes = {consent.purpose, *(each["purpose"] for each in consent.authorization_details)}
    return {
        *(("scope", each) for each in consent.scope.split()),
        *(
            ("claim", name, place)
            for place, told in (consent.claims or {}).items()
            for name in told
        ),
        *(("purpose", each) for each in purposes - {""}),
        *(("account", each["id"]) for each in consent.choices.get("accounts", ())),
        *(("resource", each) for each in consent.resources),
        *of_details(consent.authorization_details),
    }


def told_at(tpp: Any, token: str) -> set[Entry]:
    return {("claim", name, "userinfo") for name in {*tpp.userinfo(token).json()} - PROTOCOL}


def in_the_answers(tpp: Any, rs: Any, code: str) -> set[Entry]:
    """What the client hears from the token endpoint and userinfo, and the bank from us."""
    tokens = tpp.redeem(code).json()
    middle = tokens["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    entries: set[Entry] = {("claim", name, "id_token") for name in set(claims) - PROTOCOL}
    refreshed = tpp.refresh(tokens["refresh_token"]).json()
    for answer in (tokens, refreshed):
        entries |= told_at(tpp, answer["access_token"])
        for body in (answer, rs.introspect(answer["access_token"]).json()):
            entries |= {("scope", each) for each in body.get("scope", "").split()}
            entries |= of_details(body.get("authorization_details", []))
    return entries


def asked_by(request: dict[str, Any], detail: dict[str, Any] | None) -> set[Entry]:
    """What all answers together hold, by OpenID Connect Core, 5.4 and 5.5, and RFC 9396."""
    claims = request.get("claims", {})
    told = {place: {*claims.get(place, ())} & {*SUPPORTED} for place in ("id_token", "userinfo")}
    for scope in request["scope"]:
        told["userinfo"] |= set(BY_SCOPE.get(scope, ()))
    return {
        *(("scope", each) for each in request["scope"]),
        *(("claim", name, place) for place, found in told.items() for name in found),
        *of_details([detail | {"accounts": [{"id": "acc-1"}]}] if detail else []),
    }


def is_permitted(request: dict[str, Any], client: dict[str, Any], offer: dict[str, Any]) -> bool:
    claims = request.get("claims", {})
    named = {name for place in ("id_token", "userinfo") for name in claims.get(place, ())}
    for lists in (client, offer):
        covered = {name for scope in lists["scopes"] for name in BY_SCOPE.get(scope, ())}
        if not set(request["scope"]) <= set(lists["scopes"]):
            return False
        if not named & {*SUPPORTED} <= covered | {*lists["claims"]}:
            return False
    reached = "accounts" in request["scope"] or "detail" in request
    return reached or not request.get("resource")


def parameters(request: dict[str, Any], detail: dict[str, Any] | None) -> dict[str, Any]:
    sent = {name: value for name, value in request.items() if value and name != "detail"}
    sent |= {"scope": " ".join(request["scope"]), "claims": json.dumps(request.get("claims", {}))}
    return sent | ({"authorization_details": json.dumps([detail])} if detail else {})


def review_of(somebody: Person, page: Any) -> Any:
    path = page.request["PATH_INFO"]
    if not path.endswith("/accounts"):
        return page
    return somebody.follow(somebody.browser.post(path, {"accounts": ["acc-1"]}))


@case("AZ-34")
@requirement("OIDCC-5.5", "OIDCC-5.4", "OIDCC-3.1.2.4", "RAR-7")
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    registered=lists,
    offered=lists,
    wanted=in_a_row,
)
def test_whatever_leaves_was_on_a_page_and_is_in_the_row(
    tpp, rs, openfinance, registered, offered, wanted
):
    sentences = {name: world.SCOPES[name] for name in offered["scopes"]}
    Ecosystem.objects.filter(pk=openfinance.pk).update(**offered | {"scopes": sentences})
    Client.objects.filter(pk=tpp.client.pk).update(**registered)
    somebody = Person(world.person(f"person-{uuid.uuid4()}", openfinance), Http())
    somebody.sign_in()
    shown: dict[Any, set[Entry]] = {}
    for request in wanted:
        detail = details.account_information(now=timezone.now()) if "detail" in request else None
        if not is_permitted(request, registered, offered):
            with nothing_stored():
                assert tpp.push(**parameters(request, detail)).status_code == 400
            continue
        answer = tpp.push(**parameters(request, detail))
        assert answer.status_code == 201, (request, answer.content)
        pushed = answer.json()
        page = review_of(somebody, somebody.opens(tpp, pushed["request_uri"]))
        said = None if is_answer(page) else on_a_page(page)
        code = answer_in(page if said is None else somebody.decides(page))["code"]
        consent = AuthorizationCode.objects.get(code=digest(code)).consent
        assert consent is not None
        if said is not None:
            assert consent.pk not in shown
            shown[consent.pk] = said

        left = in_the_answers(tpp, rs, code)

        assert left == asked_by(request, detail)
        assert left <= shown[consent.pk]
        assert in_the_row(consent) == shown[consent.pk]
        for address in (f"/consents/{consent.pk}", f"/consents/{consent.pk}/receipt"):
            assert on_a_page(somebody.browser.get(address)) == shown[consent.pk]
        stated = request.get("purpose") or None
        assert stated is None or ("purpose", stated) in shown[consent.pk]
        named = bool(request.get("resource"))
        assert named == (("resource", world.BANK) in shown[consent.pk])
