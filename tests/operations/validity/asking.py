"""Everybody who asks whether a thing is alive, as a test asks them.

Each answers, about the rows that are stored at this moment, by True or False.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.transaction import atomic, set_rollback
from django.http import Http404

from authserver.ecosystems import revocation
from authserver.ecosystems.models import Ecosystem
from authserver.endpoints.introspect import token_for
from authserver.interaction.interaction import Interaction, of_transaction
from authserver.keys import signing
from authserver.keys.models import SigningKey
from authserver.protocol.errors import OAuthError
from authserver.protocol.specs import mtls
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from authserver.storage.together import Held
from authserver.tokens import audience, validity
from authserver.tokens.answered import completion
from authserver.tokens.models import (
    AccessToken,
    AuthorizationTransaction,
    PushedRequest,
    RefreshToken,
)
from authserver.tokens.pushed_requests import CALLER_WITH_ROOM
from clients import mutual_tls, registered, registration
from clients.admin.readiness import missing
from clients.models import Client
from consents import account_source
from consents.models import Consent, ConsentState
from consents.presentation import STATE_WORDS, state_in_words
from tests.operations.validity.conftest import Living

Answer = Callable[[Living, datetime], bool]
REFUSALS = (OAuthError, Http404, ObjectDoesNotExist, mtls.BadCertificate)


def answered(ask: Callable[[], Any]) -> bool:
    """Whether it is given, or done, and not refused."""
    with suppress(*REFUSALS, account_source.SourceUnavailable):
        return ask() not in (None, False)
    return False


def asked(ask: Callable[[Living, datetime], Any]) -> Answer:
    return lambda living, now: answered(lambda: ask(living, now))


def tried(ask: Callable[[Living, datetime], Any]) -> Answer:
    """As ``asked``, of what stores something: that is taken back."""

    def try_it(living: Living, now: datetime) -> bool:
        with atomic():
            done = answered(lambda: ask(living, now))
            set_rollback(True)
        return done

    return try_it


def opposite(answer: Answer) -> Answer:
    return lambda living, now: not answer(living, now)


# The token: SQL of reading.
introspected = asked(
    lambda living, now: AccessToken.objects.find_alive(
        living.access_token, living.row(Ecosystem), now=now
    )
)
refreshed = asked(
    lambda living, now: RefreshToken.objects.find(
        living.refresh_token, client=living.row(Client), now=now
    )
)


def claimed_client(client_id: str, living: Living) -> Client | None:
    """As a process finds it that keeps no copy: that none is believed is the gate's to see to."""
    registration.KEPT_CLIENTS.clear()
    return registration.claimed(client_id, living.row(Ecosystem)).client


@asked
def introspected_by_the_bank(living: Living, now: datetime) -> Any:
    caller = claimed_client(living.bank.client.client_id, living)
    return caller and token_for(caller, living.access_token, now=now)


# The locks of issuing.
@asked
def client_is_locked(living: Living, now: datetime) -> Any:
    return validity.lock_caller(living.row(Client)) is None


@asked
def client_and_requests_are_locked(living: Living, now: datetime) -> Any:
    client = living.row(Client).pk
    return CALLER_WITH_ROOM.lock(client=client, now=now, share=5000) is not None


@asked
def all_are_locked(living: Living, now: datetime) -> Any:
    return validity.lock_issuance(**living.keys(), now=now)


@asked
def person_and_consent_are_locked(living: Living, now: datetime) -> Any:
    return found(*validity.held_person_and_consent(**living.keys(), now=now))


def found(*held: Held) -> bool:
    return all(each.lock.lock(**each.values) is not None for each in held)


def client_is_held_as_judged(living: Living, now: datetime) -> bool:
    return found(registered.held_as_judged(living.row(Client, "participant", "ecosystem")))


def request_is_held(living: Living, now: datetime) -> bool:
    """By the browser that has just opened it."""
    unstored = AuthorizationTransaction(pushed_request=living.row(PushedRequest))
    unstored.unstored = (unstored,)
    return found(*completion(unstored, now=now).under)


def transaction_is_held(living: Living, now: datetime) -> bool:
    row = living.row(AuthorizationTransaction, "pushed_request")
    return found(*completion(row, now=now).under)


# The pages.
def said_to_be_active(living: Living, now: datetime) -> bool:
    related = ("client__participant__ecosystem", "ecosystem", "user")
    said = state_in_words(living.row(Consent, *related), now=now)
    return said.word == STATE_WORDS[ConsentState.AUTHORIZED]


def listed_as_current(living: Living, now: datetime) -> bool:
    page = living.person.browser.get("/consents/?show=current").content.decode()
    return str(living.row(Consent).pk) in page


def listed_as_past(living: Living, now: datetime) -> bool:
    page = living.person.browser.get("/consents/?show=history").content.decode()
    return str(living.row(Consent).pk) in page


def can_be_stopped(living: Living, now: datetime) -> bool:
    page = living.person.browser.get(f"/consents/{living.row(Consent).pk}")
    return b'id="consent-revoke"' in page.content


# The client.
@asked
def known_client_is_let_in(living: Living, now: datetime) -> bool:
    client = claimed_client(living.tpp.client_id, living)
    return client is not None and client.is_allowed_in


@asked
def request_is_opened(living: Living, now: datetime) -> Any:
    return PushedRequest.objects.open(
        living.request_uri, client_id=living.tpp.client_id, ecosystem=living.row(Ecosystem), now=now
    )


# Certificates.
def _der(living: Living) -> bytes:
    return mtls.parse_pem(living.tpp.certificate.pem).der


@asked
def stands_by_name(living: Living, now: datetime) -> bool:
    client, der = living.row(Client), _der(living)
    trusted = mutual_tls.verify_trust(der, client.ecosystem, now=now)
    return mutual_tls.certificate_is_of_a_known_issuer(der, client, trusted) is None


@asked
def stands_self_signed(living: Living, now: datetime) -> bool:
    return mutual_tls.certificate_is_registered(_der(living), living.row(Client), now=now) is None


@asked
def stands_pinned(living: Living, now: datetime) -> bool:
    client = living.row(Client)
    client.pin_certificates = True
    return mutual_tls.require_profile(_der(living), client, now=now) is None


def client_is_ready(living: Living, now: datetime) -> bool:
    client = living.row(Client)
    client.pin_certificates = True
    return "It has no certificate that is valid now." not in missing(client)


@asked
def its_ca_stands_by_it(living: Living, now: datetime) -> bool:
    certificate = mtls.parse_pem(living.tpp.certificate.pem)
    return revocation.require_not_revoked(certificate, living.row(Ecosystem), now=now) is None


# Keys and resource servers.
@asked
def key_signs(living: Living, now: datetime) -> Any:
    key = living.row(SigningKey)
    return signing.active_key(key.ecosystem, key.algorithm)


def key_is_published(living: Living, now: datetime) -> bool:
    key = living.row(SigningKey)
    return key.public_jwk in signing.public_jwks(key.ecosystem)["keys"]


@asked
def server_is_reached(living: Living, now: datetime) -> bool:
    reached = audience.of(living.row(Client), scope=["accounts"], authorization_details=[])
    return living.bank.identifier in reached.identifiers


@asked
def server_lists_accounts(living: Living, now: datetime) -> Any:
    return account_source.source_of(living.row(Ecosystem), types=["account_information"])


# The person's time for a request.
@asked
def browser_goes_on(living: Living, now: datetime) -> Any:
    return of_transaction(_of_its_browser(living), authentication=None, now=now)


def browser_is_in_time(living: Living, now: datetime) -> bool:
    transaction = _of_its_browser(living)
    return transaction is not None and transaction.is_in_time(now=now)


def _of_its_browser(living: Living) -> AuthorizationTransaction | None:
    row = living.row(AuthorizationTransaction)
    return AuthorizationTransaction.objects.of_browser(
        row.handle, slug=living.tpp.ecosystem.slug, browser_digest=row.browser_digest
    )


def interaction_is_open(living: Living, now: datetime) -> bool:
    row = living.row(AuthorizationTransaction)
    return Interaction(
        transaction=row,
        authorization_request=AuthorizationRequest.from_json(row.pushed_request.parameters),
        client=living.tpp.client,
        ecosystem=living.tpp.ecosystem,
        authentication=None,
        now=now,
    ).is_open


@asked
def no_request_waits(living: Living, now: datetime) -> bool:
    """A share of one is not used up."""
    client = living.row(Client).pk
    return CALLER_WITH_ROOM.lock(client=client, now=now, share=1) is not None
