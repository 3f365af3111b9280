"""What our server must know before a run: ecosystem, clients, person, resource server.

Every verb is asked only for what differs, so a second time changes nothing.
"""

import functools
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password

from authserver.accounts import actions as accounts
from authserver.accounts.models import Enrolment, User
from authserver.ecosystems import actions as ecosystems
from authserver.ecosystems.models import Ecosystem
from authserver.keys import actions as keys
from authserver.keys.models import SigningKey
from authserver.protocol.specs import mtls
from authserver.protocol.specs.claims import SUPPORTED as CLAIMS
from clients import actions as clients
from clients.models import Client, Participant, ResourceServer, State
from deploy.conformance import names
from deploy.conformance.details import DETAIL_TYPES
from deploy.conformance.material import Material, Party
from deploy.conformance.plans import Run

BY = "conformance"
SCOPES = {
    "openid": "Know that it is you, by a number made for this purpose",
    "profile": "Know your name",
    "email": "Know your e-mail address",
    "accounts": "See the accounts that you choose",
    "payments": "See the payments that you made",
}
REQUEST_URI_SECONDS = 60  # the suite waits for one to expire, in every variant


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRegistration:
    """Puts the rows of one run in place; ``resource`` is the base URL of the kit's resource."""

    run: Run
    alias: str
    suite: str
    resource: str
    material: Material
    now: datetime

    def carry_out(self) -> tuple[Ecosystem, Client, Client]:
        """Return the ecosystem and the two clients that the suite plays."""
        ecosystem = self._ecosystem()
        owner = self._participant(ecosystem, self.material.parties["resource"])
        self._resource_server(ecosystem, owner)
        self._person(ecosystem)
        first, second = (
            self._suite_client(ecosystem, self.material.parties[name])
            for name in ("first", "second")
        )
        return ecosystem, first, second

    def _ecosystem(self) -> Ecosystem:
        slug = self.run.ecosystem
        ecosystem = Ecosystem.objects.filter(slug=slug).first() or Ecosystem()
        values = {
            "slug": slug,
            "name": f"Conformance tests ({self.run.profile})",
            "issuer": f"{settings.PUBLIC_BASE}/{slug}",
            "machine_base": f"{settings.MACHINE_BASE}/{slug}",
            "profile": self.run.profile,
            "login_policy": Ecosystem.LoginPolicy.ONE_FACTOR,
            "scopes": SCOPES,
            "client_credentials_scopes": ["accounts", "payments"],
            "claims": list(CLAIMS),
            "authorization_details_types": list(DETAIL_TYPES[self.run.profile]),
            "request_uri_seconds": REQUEST_URI_SECONDS,
            "languages": ["en"],
        }
        _stored(ecosystem, values, create=ecosystems.create, change=ecosystems.change)
        for authority in self.material.authorities:
            pem = authority.path.read_text()
            ecosystems.add_trust_anchor(ecosystem, pem=pem, by=BY, now=self.now)
        for algorithm in ecosystem.rules.signing_algorithms:
            _signing_key(ecosystem, algorithm)
        return ecosystem

    def _participant(self, ecosystem: Ecosystem, party: Party) -> Participant:
        legal_name = f"Conformance Tests {party.name.title()}"
        participant = Participant.objects.filter(
            ecosystem=ecosystem, legal_name=legal_name
        ).first() or Participant(ecosystem=ecosystem, legal_name=legal_name)
        values = {"trading_name": legal_name, "registration_number": "none: a test"}
        _stored(
            participant,
            values,
            create=clients.register_participant,
            change=clients.change_participant,
        )
        if participant.state == State.PENDING:
            clients.activate_participant(participant, by=BY)
        return participant

    def _suite_client(self, ecosystem: Ecosystem, party: Party) -> Client:
        """A client of the run's variant; its redirect URIs are the suite's for this alias."""
        variant = self.run.variant
        callback = names.callback_url(self.suite, self.alias)
        with_person = {
            "redirect_uris": f"{callback}\n{callback}?dummy1=lorem&dummy2=ipsum",
            "grant_types": ["authorization_code", "refresh_token"],
        }
        method = self.run.authentication_method
        values = {
            "name": f"{self.alias} {party.name}",
            "token_endpoint_auth_method": method,
            "tls_client_auth_subject_dn": party.subject_dn if method == "tls_client_auth" else "",
            "scopes": list(SCOPES),
            "claims": list(CLAIMS),
            "authorization_details_types": list(DETAIL_TYPES[self.run.profile]),
            "dpop_bound_access_tokens": variant.sender_constrain == "dpop",
            "require_signed_request_object": variant.is_signed,
            "authorization_response_mode": "jwt"
            if variant.fapi_response_mode == "jarm"
            else "query",
            **(
                with_person
                if variant.has_a_person
                else {"redirect_uris": "", "grant_types": ["client_credentials"]}
            ),
        }
        client_id = names.client_id(self.alias, party.name)
        return self._client(self._participant(ecosystem, party), party, client_id, values)

    def _client(
        self, participant: Participant, party: Party, client_id: str, values: dict[str, Any]
    ) -> Client:
        client = Client.objects.filter(client_id=client_id).first() or Client(
            client_id=client_id, participant=participant
        )
        _stored(
            client,
            values | {"signing_algorithm": "PS256"} | self._keys(participant.ecosystem, party),
            create=clients.register_client,
            change=clients.change_client,
        )
        pem = party.certificate_for(client.token_endpoint_auth_method).read_text()
        thumbprint = mtls.parse_pem(pem).thumbprint
        if not client.certificates.filter(thumbprint=thumbprint).exists():
            clients.register_certificate(client, pem=pem, by=BY, now=self.now)
        if client.state == State.PENDING:
            clients.activate_client(client, by=BY)
        return client

    def _keys(self, ecosystem: Ecosystem, party: Party) -> dict[str, Any]:
        """By value where the profile allows it: the suite publishes no keys of its own."""
        if "jwks" in ecosystem.rules.key_sources:
            return {"client_jwks": party.public_jwks, "client_jwks_uri": ""}
        return {
            "client_jwks": None,
            "client_jwks_uri": f"{self.resource}/keys/{party.name}/jwks.json",
        }

    def _resource_server(self, ecosystem: Ecosystem, owner: Participant) -> None:
        party = self.material.parties["resource"]
        nothing: dict[str, Any] = {"redirect_uris": "", "grant_types": [], "scopes": []}
        client_id = names.resource_client_id(ecosystem.slug)
        values = {
            "name": "The conformance kit's resource",
            "participant": owner,
            "client": self._client(owner, party, client_id, {"name": client_id} | nothing),
            "scopes": ["accounts", "payments"],
            "authorization_details_types": ecosystem.authorization_details_types,
            "account_source_url": self.resource,
            "account_source_token": self.material.secret["account_source_token"],
        }
        server = ResourceServer.objects.filter(
            ecosystem=ecosystem, identifier=self.resource
        ).first() or ResourceServer(ecosystem=ecosystem, identifier=self.resource)
        _stored(
            server,
            values,
            create=clients.register_resource_server,
            change=clients.change_resource_server,
        )

    def _person(self, ecosystem: Ecosystem) -> None:
        """Somebody with every claim that the metadata names, and a password alone."""
        username = names.username(self.alias)
        user = User.objects.filter(username=username).first() or User()
        password = self.material.secret["password"]
        if user.pk is None or not _fits(password, user.password):
            user.password = _hashed(password)
        values = {
            "username": username,
            "display_name": "Salma Conformance",
            "first_name": "Salma",
            "last_name": "Conformance",
            "email": "salma@example.com",
        }
        _stored(user, values, create=accounts.register, change=accounts.change)
        if not Enrolment.objects.filter(user=user, ecosystem=ecosystem).exists():
            accounts.enrol(
                user,
                ecosystem=ecosystem,
                person_id=username,
                by=BY,
                name_at_bank=user.display_name,
            )


@functools.cache
def _hashed(password: str) -> str:
    """Everybody here has the same password; hashing it a hundred times takes a minute."""
    return make_password(password)


@functools.cache
def _fits(password: str, hashed: str) -> bool:
    return check_password(password, hashed)


def _stored(row: Any, values: dict[str, Any], *, create: Any, change: Any) -> None:
    """Give the row these values, hold it to its own rules, and store it by the right verb."""
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean()
    (create if row.pk is None else change)(row, by=BY)


def _signing_key(ecosystem: Ecosystem, algorithm: str) -> None:
    active = SigningKey.objects.filter(
        ecosystem=ecosystem, algorithm=algorithm, state=SigningKey.State.ACTIVE
    )
    if not active.exists():
        keys.activate(keys.create(ecosystem, algorithm=algorithm, by=BY), by=BY)
