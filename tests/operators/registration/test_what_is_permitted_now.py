"""What was granted is judged by the registration as it is now, at every moment it is used.

Every field of a client, its participant, the resource servers and the ecosystem is a permission, a
demand or neither; every permission is taken away before every moment, and what is then got is
compared with what is got otherwise.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from authserver.ecosystems.models import Ecosystem
from clients.models import Client, Participant, ResourceServer
from consents.models import Consent, ConsentState
from tests.support import details, world
from tests.support.assertions import a_page_without_redirect
from tests.support.bank import Bank
from tests.support.person import answer_in, is_answer
from tests.support.world import ACCOUNT_TYPE, CALLBACK

case = pytest.mark.case
requirement = pytest.mark.requirement

ELSEWHERE = "https://tpp.example.com/moved"
BY_CODE = {"redeem", "introspect", "userinfo", "refresh", "introspect refreshed"}
ON_THE_WAY = {"push", "open", "page", "approve"}
ALONE = {"alone", "introspect alone"}
EVERY = BY_CODE | ON_THE_WAY | ALONE


def without(name: str) -> Callable[[Any], Any]:
    def less(value: Any) -> Any:
        if isinstance(value, dict):
            return {each: text for each, text in value.items() if each != name}
        return [each for each in value if each != name]

    return less


def instead(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


def into_another_ecosystem(_: Any) -> int:
    return int(world.ecosystem("elsewhere", profile="fapi2-security").pk)


@dataclass(frozen=True)
class Removal:
    """A field, how it shrinks, and at which moments then nothing is got, or less than all.

    ``scopes`` and ``rich`` name those moments for a grant of scopes and for one of a detail.
    """

    field: str
    shrink: Callable[[Any], Any]
    scopes: set[str]
    rich: set[str]
    less: frozenset[str] = frozenset()
    gone: str = "accounts"


AT_THE_BANK = {"introspect", "introspect refreshed", "introspect alone"}
SCOPE_GONE = {"scopes": ON_THE_WAY | {"introspect", "introspect refreshed"}, "rich": set[str]()}
LESS = frozenset({"redeem", "refresh"})
REMOVALS = {
    "the redirect URI": Removal(
        "Client.redirect_uris",
        instead(ELSEWHERE),
        scopes=ON_THE_WAY | {"redeem"},
        rich=ON_THE_WAY | {"redeem"},
    ),
    "the code grant": Removal(
        "Client.grant_types",
        without("authorization_code"),
        scopes=ON_THE_WAY | BY_CODE,
        rich=ON_THE_WAY | BY_CODE,
    ),
    "the refresh grant": Removal(
        "Client.grant_types",
        without("refresh_token"),
        scopes={"refresh", "introspect refreshed"},
        rich={"refresh", "introspect refreshed"},
    ),
    "the client's own grant": Removal(
        "Client.grant_types", without("client_credentials"), scopes=ALONE, rich=ALONE
    ),
    "a scope of the client": Removal(
        "Client.scopes",
        without("accounts"),
        scopes=SCOPE_GONE["scopes"] | ALONE,
        rich=ALONE,
        less=LESS,
    ),
    "a scope of the ecosystem": Removal(
        "Ecosystem.scopes",
        without("accounts"),
        scopes=SCOPE_GONE["scopes"] | ALONE,
        rich=ALONE,
        less=LESS,
    ),
    "a scope of clients alone": Removal(
        "Ecosystem.client_credentials_scopes", without("accounts"), scopes=ALONE, rich=ALONE
    ),
    "a claim of the client": Removal(
        "Client.claims",
        without("email"),
        scopes=ON_THE_WAY,
        rich=ON_THE_WAY,
        less=frozenset({"userinfo"}),
        gone="email",
    ),
    "a claim of the ecosystem": Removal(
        "Ecosystem.claims",
        without("email"),
        scopes=ON_THE_WAY,
        rich=ON_THE_WAY,
        less=frozenset({"userinfo"}),
        gone="email",
    ),
    "a type of the client": Removal(
        "Client.authorization_details_types",
        without(ACCOUNT_TYPE),
        scopes=set(),
        rich=ON_THE_WAY | BY_CODE,
    ),
    "a type of the ecosystem": Removal(
        "Ecosystem.authorization_details_types",
        without(ACCOUNT_TYPE),
        scopes=set(),
        rich=ON_THE_WAY | BY_CODE,
    ),
    "the client": Removal("Client.state", instead("suspended"), scopes=EVERY, rich=EVERY),
    "the participant": Removal("Participant.state", instead("suspended"), scopes=EVERY, rich=EVERY),
    "the ecosystem": Removal("Ecosystem.is_active", instead(False), scopes=EVERY, rich=EVERY),
    "the resource server": Removal(
        "ResourceServer.is_active", instead(False), scopes=AT_THE_BANK, rich=AT_THE_BANK | {"open"}
    ),
    "the resource server's ecosystem": Removal(
        "ResourceServer.ecosystem",
        into_another_ecosystem,
        scopes=AT_THE_BANK,
        rich=AT_THE_BANK | {"open"},
    ),
    "the audience": Removal(
        "ResourceServer.identifier", instead(ELSEWHERE), scopes=AT_THE_BANK, rich=AT_THE_BANK
    ),
    "the client that introspects": Removal(
        "ResourceServer.client", instead(None), scopes=AT_THE_BANK, rich=AT_THE_BANK
    ),
    "a scope of the resource server": Removal(
        "ResourceServer.scopes",
        without("accounts"),
        scopes=AT_THE_BANK,
        rich={"introspect alone"},
    ),
    "a type of the resource server": Removal(
        "ResourceServer.authorization_details_types",
        without(ACCOUNT_TYPE),
        scopes=set(),
        rich=AT_THE_BANK - {"introspect alone"} | {"open"},
    ),
    "the bank's account source": Removal(
        "ResourceServer.account_source_url", instead(""), scopes=set(), rich={"open"}
    ),
    "plain requests of the profile": Removal(
        "Ecosystem.profile",
        instead("fapi2-message-signing"),
        scopes={"push"},
        rich={"push"},
    ),
}

MODELS = [Client, Participant, ResourceServer, Ecosystem]

# What is asked of each call, or of each token that is made, and so holds from the next one on.
DEMANDS = {
    "Client": {
        "token_endpoint_auth_method",
        "client_jwks_uri",
        "client_jwks",
        "tls_client_auth_subject_dn",
        "tls_client_auth_san_dns",
        "tls_client_auth_san_uri",
        "tls_client_auth_san_ip",
        "tls_client_auth_san_email",
        "pin_certificates",
        "require_pushed_authorization_requests",
        "require_signed_request_object",
        "dpop_bound_access_tokens",
        "tls_client_certificate_bound_access_tokens",
        "authorization_response_mode",
        "signing_algorithm",
        "id_token_signed_response_alg",
        "introspection_signed_response",
        "access_token_format",
        "access_token_seconds",
        "allowed_addresses",
    },
    "Participant": set(),
    "ResourceServer": {"token_format", "encryption_jwk", "encrypted_account_source_token"},
    "Ecosystem": {
        "subject_type",
        "login_policy",
        "signing_algorithm",
        "dpop_nonce_required",
        "access_token_seconds",
        "request_uri_seconds",
        "authorization_code_seconds",
        "transaction_seconds",
        "pushed_requests_per_client",
    },
}
# Names, faces, and whose a row is for good.
NEITHER = {
    "Client": {
        "id",
        "client_id",
        "name",
        "created",
        "updated",
        "participant",
        "ecosystem",
        "description",
        "version",
    },
    "Participant": {
        "id",
        "ecosystem",
        "legal_name",
        "trading_name",
        "registration_number",
        "website",
        "roles",
        "notification_url",
        "created_at",
        "version",
    },
    "ResourceServer": {"id", "participant", "name"},
    "Ecosystem": {
        "id",
        "slug",
        "name",
        "issuer",
        "machine_base",
        "time_zone",
        "languages",
        "privacy_url",
        "terms_url",
        "support",
        "accent_colour",
        "logo_text",
        "subject_salt",
        "created_at",
        "version",
    },
}


@case("CD-15")
@pytest.mark.parametrize("model", MODELS)
def test_every_field_is_a_permission_a_demand_or_neither(model):
    name = model.__name__
    permissions = {
        field
        for each in REMOVALS.values()
        for owner, _, field in [each.field.partition(".")]
        if owner == name
    }
    kinds = [permissions, DEMANDS[name], NEITHER[name]]
    known = set().union(*kinds)

    assert {field.name for field in model._meta.concrete_fields} == known
    assert sum(map(len, kinds)) == len(known)


CONTROLS: dict[tuple[str, str], set[str]] = {}


class Way:
    """One grant, of scopes or of a detail, up to a moment; ``take`` is called before it."""

    def __init__(self, tpp: Any, person: Any, rs: Any, *, rich: bool) -> None:
        self.tpp, self.person, self.rs, self.rich = tpp, person, rs, rich

    def asked(self) -> dict[str, str]:
        told = {"claims": '{"userinfo": {"email": null}}'}
        if not self.rich:
            return {"scope": "openid accounts", **told}
        asked = details.account_information(now=timezone.now())
        return {"scope": "openid", "authorization_details": json.dumps([asked]), **told}

    def pushed(self) -> str:
        return str(self.tpp.push(prompt="consent", **self.asked()).json()["request_uri"])

    def page(self) -> Any:
        page = self.person.opens(self.tpp, self.pushed())
        if not self.rich:
            return page
        path = page.request["PATH_INFO"]
        return self.person.follow(self.person.browser.post(path, {"accounts": ["acc-1"]}))

    def code(self) -> str:
        return self.person.approves(self.tpp, self.pushed())["code"]

    def tokens(self) -> dict[str, Any]:
        return dict(self.tpp.redeem(self.code()).json())

    def refreshed(self) -> dict[str, Any]:
        return dict(self.tpp.refresh(self.tokens()["refresh_token"]).json())

    def alone(self) -> Any:
        return self.tpp.token(grant_type="client_credentials", scope="accounts")

    def at(self, moment: str, take: Callable[[], None]) -> set[str]:
        """What the client, or the bank, gets at this moment after ``take``."""
        if moment == "push":
            take()
            return shown(self.tpp.push(**self.asked()), 201, {"request_uri"})
        if moment == "open":
            request_uri = self.pushed()
            take()
            return page_of(self.person.opens(self.tpp, request_uri))
        if moment == "page":
            path = self.page().request["PATH_INFO"]
            take()
            return page_of(self.person.follow(self.person.browser.get(path)))
        if moment == "approve":
            page = self.page()
            take()
            return code_of(self.person.decides(page))
        if moment in ("alone", "introspect alone"):
            return self._alone(moment, take)
        return self._by_code(moment, take)

    def _alone(self, moment: str, take: Callable[[], None]) -> set[str]:
        if moment == "alone":
            take()
            return rights(self.alone())
        token = self.alone().json()["access_token"]
        take()
        return rights(self.rs.introspect(token))

    def _by_code(self, moment: str, take: Callable[[], None]) -> set[str]:
        if moment == "redeem":
            code = self.code()
            take()
            return rights(self.tpp.redeem(code))
        if moment == "introspect refreshed":
            token = self.refreshed()["access_token"]
            take()
            return rights(self.rs.introspect(token))
        tokens = self.tokens()
        take()
        if moment == "refresh":
            return rights(self.tpp.refresh(tokens["refresh_token"]))
        if moment == "introspect":
            return rights(self.rs.introspect(tokens["access_token"]))
        told = self.tpp.userinfo(tokens["access_token"])
        return shown(told, 200, set(told.json()))


def shown(response: Any, status: int, what: set[str]) -> set[str]:
    return what if response.status_code == status else set()


def page_of(response: Any) -> set[str]:
    return {"page"} if b'name="decision"' in response.content or accounts(response) else set()


def accounts(response: Any) -> bool:
    return response.status_code == 200 and b'name="accounts"' in response.content


def code_of(response: Any) -> set[str]:
    return {"code"} & answer_in(response).keys() if is_answer(response) else set()


def rights(response: Any) -> set[str]:
    if response.status_code != 200:
        return set()
    body = response.json()
    types = {each["type"] for each in body.get("authorization_details", ())}
    return set(body.get("scope", "").split()) | types


@pytest.fixture(params=["scopes", "rich"])
def kind(request):
    return request.param


@pytest.fixture
def way(tpp, openfinance, person, rs, kind, monkeypatch):
    """A client whose scopes cover no claim: what it is told it asks for by name."""
    for row in (tpp.client, openfinance):
        row.claims = ["email"]
    tpp.client.scopes = ["openid", "accounts"]
    openfinance.scopes = {"openid": "Know who you are", "accounts": "See your accounts"}
    for row in (tpp.client, openfinance):
        row.save()
    monkeypatch.setattr("consents.account_source.fetch_json", Bank().fetch_json)
    return Way(tpp, person, rs, rich=kind == "rich")


def taken(removal: Removal, tpp: Any) -> Callable[[], None]:
    """Take the permission away in the database, whichever way an operator came to it."""
    owner, _, field = removal.field.partition(".")
    rows: dict[str, Any] = {
        "Client": Client.objects.filter(pk=tpp.client.pk),
        "Participant": Participant.objects.filter(pk=tpp.client.participant_id),
        "ResourceServer": ResourceServer.objects.filter(ecosystem=tpp.ecosystem),
        "Ecosystem": Ecosystem.objects.filter(pk=tpp.ecosystem.pk),
    }

    def take() -> None:
        now = rows[owner].values_list(field, flat=True).get()
        assert rows[owner].update(**{field: removal.shrink(now)})

    return take


def all_there_is(way: Way, kind: str, moment: str) -> set[str]:
    """The control of every removal, which takes nothing away: tried once for each moment."""
    if (kind, moment) not in CONTROLS:
        CONTROLS[kind, moment] = way.at(moment, lambda: None)
    assert CONTROLS[kind, moment], "the control"
    return CONTROLS[kind, moment]


@case("CD-15", "TK-12")
@requirement("RFC6749-3.3", "RAR-5", "RFC7662-2.2", "RFC6749-6")
@pytest.mark.parametrize("moment", sorted(EVERY))
@pytest.mark.parametrize("name", REMOVALS)
def test_what_is_taken_away_is_not_given(way, tpp, kind, name, moment):
    removal = REMOVALS[name]
    everything = all_there_is(way, kind, moment)

    got = way.at(moment, taken(removal, tpp))

    if moment in getattr(removal, kind):
        assert got == set()
    elif moment in removal.less and removal.gone in everything:
        assert got == everything - {removal.gone}
    else:
        assert got == everything


@requirement("FAPI2-SP-FINAL-5.3.2.2-6", "RFC9700-2.1")
@pytest.mark.parametrize("moment", ["open", "page", "approve", "refuse", "cancel"])
def test_nobody_is_sent_to_an_address_that_was_taken_back(way, tpp, person, moment):
    if moment == "open":
        request_uri = way.pushed()
        Client.objects.filter(pk=tpp.client.pk).update(redirect_uris=ELSEWHERE)
        response = person.opens(tpp, request_uri)
    else:
        page = way.page()
        path = page.request["PATH_INFO"]
        Client.objects.filter(pk=tpp.client.pk).update(redirect_uris=ELSEWHERE)
        if moment == "page":
            response = person.follow(person.browser.get(path))
        elif moment == "cancel":
            handle = path.split("/consent/")[1]
            address = f"/openfinance/authorize/{handle}/cancel"
            response = person.follow(person.browser.post(address))
        else:
            response = person.decides(page, approve=moment == "approve")

    a_page_without_redirect(response)
    assert CALLBACK not in response.content.decode()
    assert not Consent.objects.filter(state=ConsentState.AUTHORIZED).exists()


@requirement("RFC6749-6")
def test_what_is_registered_again_is_given_again(way, tpp, kind):
    refresh_token = way.tokens()["refresh_token"]
    before = rights(tpp.refresh(refresh_token))
    Client.objects.filter(pk=tpp.client.pk).update(scopes=["openid"])
    if kind == "scopes":
        assert rights(tpp.refresh(refresh_token)) == {"openid"}
    Client.objects.filter(pk=tpp.client.pk).update(scopes=list(tpp.client.scopes))

    assert rights(tpp.refresh(refresh_token)) == before
