"""A list that is emptied, or whose last entry is revoked, shuts the door: it never means "any".

Every list of a registration, and every kind of row that hangs on one, stands in one of two tables:
with the door that it shuts, or with the reason why it opens none.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import models
from django.test import Client as Http
from django.utils import timezone

from authserver import outbound
from authserver.accounts import roles
from authserver.accounts.models import User
from authserver.ecosystems.models import TrustAnchor
from authserver.keys.models import SigningKey
from authserver.protocol.specs import mtls
from clients.admin.client_form import ClientForm
from clients.models import Client, ClientCertificate, ClientKeySet
from tests.support import world
from tests.support.bank import Bank
from tests.support.certificates import issue, issuing, transport
from tests.support.details import account_information
from tests.support.operator import Operator, page
from tests.support.person import Person
from tests.support.tpp import ThirdParty

case = pytest.mark.case
requirement = pytest.mark.requirement

LABELS = ("ecosystems", "clients", "keys", "accounts")
MADE = {"tokens", "consents", "oauth2_provider"}  # what was handed out: gone is gone
REVOKED = ClientCertificate.State.REVOKED
BY_NAME = {
    "token_endpoint_auth_method": "tls_client_auth",
    "tls_client_auth_subject_dn": "CN=caller,O=Test,C=AE",
}
SECOND_ROOT = issue("Second Root", ca=True)

# What is no list of what is allowed, each with the reason.
NO_DOOR = {
    "Client.allowed_addresses": "in addition to authentication; empty is no limit, see below",
    "Client.resource_server": "one row; the lists of ResourceServer are the door",
    "Ecosystem.clients": "without its row a client is nobody",
    "Ecosystem.languages": "what pages are written in",
    "Ecosystem.participants": "without its row a participant is nobody",
    "Ecosystem.resource_servers": "without its row a server has no audience",
    "Participant.clients": "without its row a client is nobody",
    "Participant.contacts": "whom to call",
    "Participant.resource_servers": "whose they are",
    "Participant.roles": "what it calls itself; nothing is decided by it",
    "ResourceServer.encryption_jwk": "a key, not a list",
    "RevocationList.distribution_points": "RFC 5280, 5.2.5: without them the list is for all",
    "RevocationList.revoked": "who is refused",
    "RevocationList.revoked_authorities": "who is refused",
    "SigningKey.public_jwk": "a key, not a list",
    "User.emailaddress": "allauth's table, unused",
    "User.logentry": "Django's table, unused",
}


@dataclass
class Place:
    """A client, its bank, a person who is signed in, and a clerk at the operators' site."""

    caller: ThirdParty
    rs: ThirdParty
    person: Any
    clerk: Operator
    ca: Any

    def set(self, row: Any, **columns: Any) -> None:
        """As any door would write it: by the database."""
        type(row).objects.filter(pk=row.pk).update(**columns)


Call = Callable[[Place], Any]


@dataclass(frozen=True)
class Door:
    """``is_open`` is asked before and after ``empty``; ``client`` is how the caller registers."""

    is_open: Call
    empty: Call
    client: Mapping[str, Any] = field(default_factory=dict)
    profile: str = "fapi2-security"


def pushes(place: Place) -> bool:
    return bool(place.caller.push().status_code == 201)


def pushes_details(place: Place) -> bool:
    details = json.dumps([account_information(now=timezone.now())])
    return bool(place.caller.push(authorization_details=details).status_code == 201)


def names_a_claim(place: Place) -> bool:
    """One that none of its scopes covers, nor one of the ecosystem's."""
    place.set(place.caller.client, scopes=["openid"])
    place.set(place.caller.ecosystem, scopes={"openid": "Know who you are"})
    asked = place.caller.push(scope="openid", claims='{"userinfo": {"email": null}}')
    return bool(asked.status_code == 201)


def asks_for_itself(place: Place) -> bool:
    asked = place.caller.token(grant_type="client_credentials", scope="accounts")
    return bool(asked.status_code == 200)


def is_identified(place: Place) -> bool:
    """By its certificate, by a renewed one, or by one of another CA that is trusted here."""
    shown = [
        place.caller.certificate,
        issue("caller", by=issuing()),
        issue("caller", by=SECOND_ROOT),
    ]
    callers = [place.caller.with_certificate(each) for each in shown]
    return any(each.introspect("nobody's").status_code != 401 for each in callers)


def has_a_token_for_the_bank(place: Place) -> bool:
    made = place.caller.token(grant_type="client_credentials", scope="accounts").json()
    return bool(place.rs.introspect(made["access_token"]).json()["active"])


def may_decide(place: Place) -> bool:
    opened = place.person.opens(place.caller, place.caller.push().json()["request_uri"])
    return b'name="decision"' in opened.content


def sees_the_clients(place: Place) -> bool:
    return bool(place.clerk.get(page(Client, "changelist")).status_code == 200)


def client_without(name: str, nothing: Any) -> Call:
    return lambda place: place.set(place.caller.client, **{name: nothing})


def ecosystem_without(name: str, nothing: Any) -> Call:
    return lambda place: place.set(place.caller.ecosystem, **{name: nothing})


def no_keys_fetched(place: Place) -> None:
    ClientKeySet.objects.filter(client=place.caller.client).update(keys={"keys": []})


def revoke_certificates(place: Place) -> None:
    place.caller.client.certificates.update(state=REVOKED)


def no_list_in_date(place: Place) -> None:
    place.ca.is_kept(place.caller.ecosystem)


def reaches_nothing(place: Place) -> None:
    place.set(place.rs.client.resource_server, scopes=[], authorization_details_types=[])


DOORS = {
    "Client.grant_types": Door(pushes, client_without("grant_types", [])),
    "Client.grant_types, by itself": Door(asks_for_itself, client_without("grant_types", [])),
    "Client.scopes": Door(pushes, client_without("scopes", [])),
    "Client.scopes, by itself": Door(asks_for_itself, client_without("scopes", [])),
    "Client.claims": Door(names_a_claim, client_without("claims", []), {"claims": ["email"]}),
    "Client.authorization_details_types": Door(
        pushes_details, client_without("authorization_details_types", [])
    ),
    "Client.redirect_uris": Door(pushes, client_without("redirect_uris", "")),
    "Client.client_jwks": Door(is_identified, client_without("client_jwks", {"keys": []})),
    "Client.client_jwks, none": Door(is_identified, client_without("client_jwks", None)),
    "Client.key_set": Door(
        is_identified,
        lambda place: ClientKeySet.objects.filter(client=place.caller.client).delete(),
        profile="cbuae",
    ),
    "ClientKeySet.keys": Door(is_identified, no_keys_fetched, profile="cbuae"),
    "Client.certificates": Door(is_identified, revoke_certificates, client=BY_NAME),
    "Client.certificates, pinned": Door(
        is_identified, revoke_certificates, client=BY_NAME | {"pin_certificates": True}
    ),
    "Client.certificates, beside an assertion": Door(
        is_identified, revoke_certificates, profile="ffi"
    ),
    "Client.tls_client_auth_subject_dn": Door(
        is_identified, client_without("tls_client_auth_subject_dn", ""), client=BY_NAME
    ),
    "Ecosystem.trust_anchors": Door(
        is_identified,
        lambda place: place.caller.ecosystem.trust_anchors.all().delete(),
        client=BY_NAME,
    ),
    "TrustAnchor.revocation_list": Door(is_identified, no_list_in_date, client=BY_NAME),
    "Ecosystem.scopes": Door(pushes, ecosystem_without("scopes", {})),
    "Ecosystem.claims": Door(names_a_claim, ecosystem_without("claims", []), {"claims": ["email"]}),
    "Ecosystem.client_credentials_scopes": Door(
        asks_for_itself, ecosystem_without("client_credentials_scopes", [])
    ),
    "Ecosystem.authorization_details_types": Door(
        pushes_details, ecosystem_without("authorization_details_types", [])
    ),
    "Ecosystem.signing_keys": Door(
        asks_for_itself,
        lambda place: place.caller.ecosystem.signing_keys.update(state=SigningKey.State.WITHDRAWN),
    ),
    "ResourceServer.scopes": Door(has_a_token_for_the_bank, reaches_nothing),
    "ResourceServer.authorization_details_types": Door(has_a_token_for_the_bank, reaches_nothing),
    "Ecosystem.enrolments": Door(
        may_decide, lambda place: place.person.user.enrolments.update(is_active=False)
    ),
    "User.enrolments": Door(may_decide, lambda place: place.person.user.enrolments.all().delete()),
    "User.authenticator": Door(
        may_decide, lambda place: Authenticator.objects.filter(user=place.person.user).delete()
    ),
    "User.groups": Door(sees_the_clients, lambda place: place.clerk.user.groups.clear()),
    "User.user_permissions": Door(sees_the_clients, lambda place: place.clerk.user.groups.clear()),
}


def lists() -> Iterator[str]:
    """Every list in a column, and every kind of row that others refer to this one by."""
    for label in LABELS:
        for model in apps.get_app_config(label).get_models():
            columns: list[Any] = list(model._meta.get_fields(include_hidden=False))
            for each in columns:
                reverse = each.auto_created and not each.concrete
                if reverse and each.related_model._meta.app_label in MADE:
                    continue
                if reverse or each.many_to_many or isinstance(each, models.JSONField):
                    yield f"{model.__name__}.{each.name}"


@pytest.fixture
def place(request, db, make_tpp, monkeypatch, ca) -> Place:
    door: Door = request.param
    monkeypatch.setattr("consents.account_source.fetch_json", Bank().fetch_json)
    monkeypatch.setattr(outbound, "fetch_json", _nobody_answers)
    ecosystem = world.ecosystem("emptied", profile=door.profile)
    second = mtls.parse_pem(SECOND_ROOT.pem)
    TrustAnchor.objects.create(
        ecosystem=ecosystem,
        kind=TrustAnchor.Kind.ROOT,
        certificate=SECOND_ROOT.pem,
        subject=second.subject,
        thumbprint=second.thumbprint,
        not_after=second.not_after,
    )
    bank = world.bank(ecosystem).client
    assert bank is not None
    clerk = User.objects.create_user("clerk", password="x", is_staff=True)
    clerk.groups.add(Group.objects.get(name=roles.OPERATORS))
    caller = make_tpp("caller", ecosystem, **door.client)
    introspector = ThirdParty(bank, Http(), transport(bank.client_id))
    somebody = Person(world.person("mariam", ecosystem), Http())
    somebody.sign_in()
    return Place(caller, introspector, somebody, Operator(clerk), ca)


def _nobody_answers(*args: Any, **kwargs: Any) -> Any:
    raise outbound.OutboundError("no connection")


@case("MT-11", "MT-24")
@requirement("FFI-3", "RFC6749-3.3", "RAR-5", "MTLS-2.1")
@pytest.mark.parametrize(
    ("place", "door"), [(door, door) for door in DOORS.values()], ids=DOORS, indirect=["place"]
)
def test_what_is_emptied_is_shut(place, door):
    assert door.is_open(place)

    door.empty(place)

    assert not door.is_open(place)


def test_every_list_is_classified():
    named = {each.partition(",")[0] for each in DOORS} | set(NO_DOOR)

    assert not sorted(set(lists()) - named)


def test_no_reason_is_left_over():
    assert not sorted(set(NO_DOOR) - set(lists()))


@requirement("MTLS-2.1")
def test_none_ever_registered_is_decided_by_the_name(db, make_tpp):
    """RFC 8705, 2.1.2: the name in a certificate of a trusted CA is the registration."""
    ecosystem = world.ecosystem("emptied", profile="fapi2-security")
    caller = make_tpp("caller", ecosystem, **BY_NAME)
    caller.client.certificates.all().delete()

    assert caller.introspect("nobody's").status_code != 401


@requirement("FFI-17")
def test_no_address_is_registered_as_no_limit(db, make_tpp):
    """It comes in addition to authentication: what it takes away, taking it away gives back."""
    ecosystem = world.ecosystem("emptied", profile="fapi2-security")
    caller = make_tpp("caller", ecosystem, allowed_addresses=["192.0.2.0/24"])
    caller.headers = {"X-Real-IP": "198.51.100.1"}
    assert caller.introspect("nobody's").status_code == 401

    Client.objects.filter(pk=caller.client.pk).update(allowed_addresses=[])

    assert caller.introspect("nobody's").status_code != 401
    assert "Empty: anywhere." in ClientForm.declared_fields["allowed_addresses"].help_text
