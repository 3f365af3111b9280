"""Tables with some thousand rows, of which most have the same values, so that all would be read."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db.models import Model

from authserver.accounts.models import Enrolment, User
from authserver.audit.models import AuditEvent, Refusal, Tally
from authserver.tokens.models import AccessToken, AuthorizationCode, RefreshToken
from clients.models import Client
from consents.models import Consent, ConsentState
from tests.support import world

ROWS = 5_000
SINCE = datetime(2027, 1, 1, tzinfo=UTC)

Columns = Mapping[str, Any]


def often(number: int, value: str, other: str = "another") -> str:
    """The value of two rows of three."""
    return value if number % 3 else other


def at(number: int) -> datetime:
    return SINCE + timedelta(minutes=number)


def of_a_handle(number: int, client: Client, user: User, consent: Consent) -> Columns:
    """A person and a consent have few."""
    return {
        "application": client,
        "user": user if number % 500 == 0 else None,
        "consent": consent if number % 500 == 0 else None,
        "created": at(number),
        "expires": at(number),
        "auth_time": at(number),
    }


def _event(number: int, client: Client, user: User, consent: Consent) -> Columns:
    return {
        "event": often(number, "token.issued", "login.failed"),
        "ecosystem": client.ecosystem.slug,
        "actor": often(number, user.username),
        "client_id": often(number, client.client_id),
        "subject": str(uuid4()),
        "interaction_id": str(uuid4()),
    }


def _refusal(number: int, client: Client, user: User, consent: Consent) -> Columns:
    return {
        "ecosystem": client.ecosystem.slug,
        "client_id": often(number, client.client_id),
        "interaction_id": str(uuid4()),
        "address": often(number, "192.0.2.1"),
        "endpoint": often(number, "/par", "/token"),
        "error": often(number, "invalid_request", "invalid_grant"),
        "clause": often(number, "PAR-2.1-2"),
        "description": f"said to {number}",
    }


def _consent(number: int, client: Client, user: User, consent: Consent) -> Columns:
    return {
        "ecosystem": client.ecosystem,
        "client": client,
        "user": user,
        "state": often(number, ConsentState.AUTHORIZED, ConsentState.REJECTED),
        "external_id": str(uuid4()),
    }


def _token(number: int, client: Client, user: User, consent: Consent) -> Columns:
    handle = of_a_handle(number, client, user, consent)
    return {**handle, "token_checksum": f"{number:064}", "jti": str(number)}


def _refresh_token(number: int, client: Client, user: User, consent: Consent) -> Columns:
    handle = of_a_handle(number, client, user, consent)
    return {**handle, "token_checksum": f"{number:064}", "consent": consent, "user": user}


def _code(number: int, client: Client, user: User, consent: Consent) -> Columns:
    handle = {**of_a_handle(number, client, user, consent), "user": user}
    handle.pop("created")
    return {**handle, "code": f"{number:064}", "redirect_uri": "https://tpp.example.com"}


def _person(number: int, client: Client, user: User, consent: Consent) -> Columns:
    return {
        "username": f"person{number:05}",
        "email": f"{number}@example.com",
        "display_name": f"{number:05} Farsi",
        "is_staff": number % 3 == 0,
        "date_joined": at(number),
    }


def _tally(number: int, client: Client, user: User, consent: Consent) -> Columns:
    return {"event": "login.failed", "hour": SINCE + timedelta(hours=number)}


# How a row of each model is filled that grows.
FILLED: Mapping[type[Model], Callable[[int, Client, User, Consent], Columns]] = {
    AuditEvent: _event,
    Refusal: _refusal,
    Tally: _tally,
    Consent: _consent,
    AccessToken: _token,
    RefreshToken: _refresh_token,
    AuthorizationCode: _code,
    User: _person,
}


def fill(model: type[Model], client: Client, user: User) -> None:
    """Some thousand rows, a minute or an hour apart, beside those that are there."""
    if model is Enrolment:
        fill(User, client, user)
        people = User.objects.filter(username__startswith="person")
        rows: list[Any] = [
            Enrolment(user=each, ecosystem=client.ecosystem, person_id=str(each.pk))
            for each in people
        ]
    else:
        consent = Consent.objects.create(ecosystem=client.ecosystem, client=client, user=user)
        rows = [model(**FILLED[model](each, client, user, consent)) for each in range(ROWS)]
    model._default_manager.bulk_create(rows, batch_size=500)


def client_of(slug: str = "openfinance") -> Client:
    ecosystem = world.ecosystem(slug, profile="fapi2-security")
    owner = world.participant("Lantern", ecosystem=ecosystem)
    return world.client("tpp", participant=owner)
