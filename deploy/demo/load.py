"""Load the demo's sandbox kit: ecosystems, participants, clients, people, keys.

Run again it brings the database up to the kit and leaves the rest alone.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from authserver.accounts import actions as accounts
from authserver.accounts import roles
from authserver.accounts.models import Enrolment, User
from authserver.ecosystems import actions as ecosystems
from authserver.ecosystems.models import Ecosystem
from authserver.keys import actions as keys
from authserver.keys.models import SigningKey
from authserver.protocol.specs import mtls
from clients import actions as clients
from clients.models import Client, Contact, Participant, ResourceServer, State

BY = "demo"
SENTENCES = {
    "openid": "Know that it is you, by a number made for this purpose",
    "accounts": "See the accounts that you choose",
    "ffi-core": "Send messages and fetch the answers",
    "ffi-contract": "Read the contract between two organisations",
    "ffi-notification": "Be told that an answer is there",
}
OPERATOR_PAGES = "https://www.example.com"


class BadKit(Exception):
    """The kit cannot be loaded; the text says why."""


@transaction.atomic
def load(kit: Path) -> None:
    """Bring the database up to what stands in ``sandbox.json``; BadKit outside of a demo."""
    if not settings.DEMO:
        raise BadKit("Only a demo takes keys and passwords from a file: AUTHSERVER_DEMO.")
    try:
        content = json.loads(kit.read_text())
    except (OSError, ValueError) as error:
        raise BadKit(f"{kit} cannot be read: {error}") from None
    Loader(content, folder=kit.parent, now=timezone.now()).load()


class Loader:
    """``content`` is what stands in sandbox.json; its paths are relative to ``folder``."""

    def __init__(self, content: dict[str, Any], *, folder: Path, now: datetime) -> None:
        self.content = content
        self.folder = folder
        self.now = now
        self.ecosystems: dict[str, Ecosystem] = {}
        self.participants: dict[str, Participant] = {}
        self.clients: dict[str, Client] = {}

    def load(self) -> None:
        for issuer in self.content["issuers"]:
            self.ecosystems[issuer["slug"]] = self.ecosystem(issuer)
        for entry in self.content["participants"]:
            self.participants[entry["id"]] = self.participant(entry)
        for entry in self.content["clients"]:
            self.clients[entry["client_id"]] = self.client(entry)
        for entry in self.content["resource_servers"]:
            self.resource_server(entry)
        roles.set_up()
        for entry in self.content["people"]:
            user = self.person(entry)
            for slug in entry["ecosystems"]:
                self.enrolment(user, self.ecosystems[slug], entry)
        self.person(self.content["operator"], is_staff=True, is_superuser=True)

    def ecosystem(self, issuer: dict[str, Any]) -> Ecosystem:
        ecosystem = Ecosystem.objects.filter(slug=issuer["slug"]).first() or Ecosystem()
        values = {
            "slug": issuer["slug"],
            "name": issuer["name"],
            "issuer": issuer["issuer"],
            "machine_base": f"{settings.MACHINE_BASE}/{issuer['slug']}",
            "profile": issuer["profile"],
            "scopes": {scope: SENTENCES[scope] for scope in issuer["scopes"]},
            "client_credentials_scopes": issuer["client_credentials_scopes"],
            "claims": issuer["claims"],
            "authorization_details_types": issuer["authorization_details_types"],
            "languages": ["en", "ar"],
            "privacy_url": f"{OPERATOR_PAGES}/privacy",
            "terms_url": f"{OPERATOR_PAGES}/terms",
            "support": "800 0199, every day from 8 to 22",
        }
        stored(ecosystem, values, create=ecosystems.create, change=ecosystems.change)
        for path in self.content["trust_anchors"].values():
            pem = (self.folder / path).read_text()
            ecosystems.add_trust_anchor(ecosystem, pem=pem, by=BY, now=self.now)
        for algorithm in ecosystem.rules.signing_algorithms:
            signing_key(ecosystem, algorithm)
        return ecosystem

    def participant(self, entry: dict[str, Any]) -> Participant:
        ecosystem = self.ecosystems[entry["ecosystem"]]
        participant = Participant.objects.filter(
            ecosystem=ecosystem, legal_name=entry["legal_name"]
        ).first() or Participant(ecosystem=ecosystem)
        values = {
            "trading_name": entry["trading_name"],
            "legal_name": entry["legal_name"],
            "registration_number": entry["registration_number"],
            "roles": entry["roles"],
        }
        stored(
            participant,
            values,
            create=clients.register_participant,
            change=clients.change_participant,
        )
        if participant.state == State.PENDING:
            clients.activate_participant(participant, by=BY)
        if not participant.contacts.exists():
            contact = Contact(
                participant=participant,
                kind=Contact.Kind.TECHNICAL,
                name=f"{entry['trading_name']} open finance desk",
                email=entry["contact_email"],
            )
            clients.save_contact(contact, by=BY)
        return participant

    def client(self, entry: dict[str, Any]) -> Client:
        participant = self.participants[entry["participant"]]
        client = Client.objects.filter(client_id=entry["client_id"]).first() or Client(
            client_id=entry["client_id"], participant=participant
        )
        same_names = (
            "name",
            "token_endpoint_auth_method",
            "tls_client_auth_subject_dn",
            "signing_algorithm",
            "grant_types",
            "scopes",
            "claims",
            "authorization_details_types",
        )
        values = {name: entry[name] for name in same_names} | {
            "client_jwks_uri": entry["jwks_uri"],
            "redirect_uris": "\n".join(entry["redirect_uris"]),
        }
        stored(client, values, create=clients.register_client, change=clients.change_client)
        pem = (self.folder / entry["transport_certificate"]).read_text()
        thumbprint = mtls.parse_pem(pem).thumbprint
        if not client.certificates.filter(thumbprint=thumbprint).exists():
            clients.register_certificate(client, pem=pem, by=BY, now=self.now)
        if client.state == State.PENDING:
            clients.activate_client(client, by=BY)
        return client

    def resource_server(self, entry: dict[str, Any]) -> None:
        ecosystem = self.ecosystems[entry["ecosystem"]]
        server = ResourceServer.objects.filter(
            ecosystem=ecosystem, identifier=entry["identifier"]
        ).first() or ResourceServer(ecosystem=ecosystem, identifier=entry["identifier"])
        bank = self.content["bank"]
        values = {
            "name": entry["name"],
            "participant": self.participants[entry["participant"]],
            "client": self.clients[entry["client_id"]],
            "scopes": entry["scopes"],
            "authorization_details_types": ecosystem.authorization_details_types,
            "token_format": entry["token_format"],
        }
        if "accounts" in entry["scopes"]:
            values["account_source_url"] = bank["url"]
            values["account_source_token"] = bank["account_source_token"]
        stored(
            server,
            values,
            create=clients.register_resource_server,
            change=clients.change_resource_server,
        )

    def person(self, entry: dict[str, Any], **rights: bool) -> User:
        user = User.objects.filter(username=entry["username"]).first() or User()
        first_name, _, last_name = entry["display_name"].partition(" ")
        values = {
            "username": entry["username"],
            "display_name": entry["display_name"],
            "first_name": first_name,
            "last_name": last_name,
            "email": entry["email"],
        }
        if user.pk is None or not user.check_password(entry["password"]):
            user.set_password(entry["password"])
        stored(user, values | rights, create=accounts.register, change=accounts.change)
        accounts.give_second_factor(user, secret=entry["totp_secret"], by=BY)
        return user

    def enrolment(self, user: User, ecosystem: Ecosystem, entry: dict[str, Any]) -> None:
        """The kit is the bank's own word on who its customers are."""
        person_id, name = entry["customer_id"], entry["display_name"]
        known = Enrolment.objects.filter(user=user, ecosystem=ecosystem, person_id=person_id)
        if not known.exists():
            accounts.enrol(user, ecosystem=ecosystem, person_id=person_id, by=BY, name_at_bank=name)


def stored(row: Any, values: dict[str, Any], *, create: Any, change: Any) -> None:
    """Give the row these values, hold it to its own rules, and store it by the right verb."""
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean()
    (create if row.pk is None else change)(row, by=BY)


def signing_key(ecosystem: Ecosystem, algorithm: str) -> None:
    active = SigningKey.objects.filter(
        ecosystem=ecosystem, algorithm=algorithm, state=SigningKey.State.ACTIVE
    )
    if not active.exists():
        keys.activate(keys.create(ecosystem, algorithm=algorithm, by=BY), by=BY)
