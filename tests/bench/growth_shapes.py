"""Which rows there are of every table that grows; those of tokens are in a module of their own."""

from collections.abc import Iterator
from itertools import chain

from tests.bench import growth_handed_out as handed_out
from tests.bench.growth_functions import FIRST, Volume
from tests.bench.growth_shape import DECIDED, HAS_TOKENS, Shape


def shapes(volume: Volume) -> Iterator[Shape]:
    groups = (_registered, _people, _consents, *handed_out.GROUPS, _visits, _trail)
    return chain.from_iterable(group(volume) for group in groups)


def _registered(volume: Volume) -> Iterator[Shape]:
    owners, clients = volume(1_000), volume.clients
    yield Shape(
        table="clients_participant",
        last=owners,
        columns={
            "id": "k.key",
            "legal_name": "pg_temp.company(k.i) || ' Limited'",
            "trading_name": "pg_temp.company(k.i)",
            "registration_number": "(10000 + k.i)::text",
            "created_at": f"pg_temp.at(k.i / {owners}::float8)",
        },
    )
    yield Shape(
        table="clients_client",
        last=clients,
        columns={
            "id": "k.key",
            "client_id": "pg_temp.client_id(k.key)",
            "name": "pg_temp.company(k.i) || ' app'",
            "participant_id": f"{FIRST} + 1 + k.i % {owners}",
            "created": f"pg_temp.at(k.i / {clients}::float8)",
            "state": "CASE WHEN pg_temp.share(k.i, 5) < 0.05 THEN 'suspended' ELSE 'active' END",
        },
    )
    yield Shape(
        table="clients_clientcertificate",
        last=clients,
        columns={
            "id": "k.key",
            "client_id": "k.key",
            "thumbprint": "pg_temp.handle('certificate ' || k.key)",
            "serial_number": "left(pg_temp.digest('serial ' || k.i), 40)",
            "subject": "'CN=' || pg_temp.company(k.i) || ',O=Test,C=AE'",
        },
    )


def _people(volume: Volume) -> Iterator[Shape]:
    count = volume.people
    yield Shape(
        table="accounts_user",
        last=count,
        columns={
            "id": "k.key",
            "username": "pg_temp.username(k.key)",
            "first_name": "pg_temp.first_name(k.key)",
            "last_name": "pg_temp.last_name(k.key)",
            "display_name": "pg_temp.first_name(k.key) || ' ' || pg_temp.last_name(k.key)",
            "email": "pg_temp.username(k.key) || '@example.com'",
            "uid": "md5('person ' || k.i)::uuid",
            "date_joined": f"pg_temp.at(k.i / {count}::float8)",
            "last_login": "now() - pg_temp.share(k.i, 6) * interval '60 days'",
        },
    )
    yield Shape(
        table="accounts_enrolment",
        last=count,
        columns={
            "id": "k.key",
            "user_id": "k.key",
            "person_id": "'customer-' || k.i",
            "enrolled_at": f"pg_temp.at(k.i / {count}::float8)",
        },
    )
    yield Shape(
        table="mfa_authenticator",
        last=count,
        among="pg_temp.share(k.i, 7) < 0.8",
        columns={"id": "k.key", "user_id": "k.key"},
    )


def _consents(volume: Volume) -> Iterator[Shape]:
    decided = "k.made + interval '2 minutes'"
    yield Shape(
        table="consents_consent",
        last=volume.consents,
        turns=True,
        columns={
            "id": "pg_temp.consent_of(k.n)",
            "client_id": "k.client",
            "user_id": f"CASE WHEN {DECIDED} THEN k.person END",
            "state": "k.state",
            "state_changed_at": decided,
            "external_id": (
                "CASE WHEN pg_temp.share(k.n, 8) < 0.1 THEN md5('external ' || k.n)::uuid::text"
                " ELSE '' END"
            ),
            "created_at": "k.made",
            "authorized_at": f"CASE WHEN {HAS_TOKENS} THEN {decided} END",
            "choices_made_at": f"CASE WHEN {HAS_TOKENS} THEN {decided} END",
            "expires_at": handed_out.END_OF_A_CONSENT,
            "last_used_at": (
                f"CASE WHEN {HAS_TOKENS}"
                " THEN k.made + pg_temp.share(k.n, 10) * (now() - k.made) END"
            ),
        },
    )
    yield Shape(
        table="consents_consentname",
        last=volume.consents,
        among=f"pg_temp.share(k.n, 8) < 0.1 AND {DECIDED}",
        bare=True,
        columns={
            "id": "k.key",
            "name": "md5('external ' || k.n)::uuid::text",
            "consent_id": "pg_temp.consent_of(k.n)",
            "ecosystem_id": "(SELECT min(id) FROM ecosystems_ecosystem)",
        },
    )


def _visits(volume: Volume) -> Iterator[Shape]:
    sessions, counted = volume(150_000), volume(100_000)
    yield Shape(
        table="django_session",
        last=sessions,
        order="session_key",
        columns={
            "session_key": "md5('session ' || k.i)",
            "expire_date": f"now() + (k.i / {sessions}::float8 - 0.667) * interval '30 hours'",
        },
    )
    yield Shape(
        table="cache",
        last=counted,
        bare=True,
        columns={
            "cache_key": "':1:' || pg_temp.digest('attempts ' || k.i)",
            "value": "'gAWVDQAAAAAAAABdlEdB2kNYqgAAAABhLg=='",
            "expires": (
                f"date_trunc('second', now() + (k.i / {counted}::float8 - 0.95)"
                " * interval '20 hours')"
            ),
        },
    )


def _trail(volume: Volume) -> Iterator[Shape]:
    events, refusals = volume(20_000_000), volume(300_000)
    yield Shape(
        table="audit_auditevent",
        last=events,
        number=f"ceil(i * ({volume.consents} / {events}::float8))::bigint",
        turns=True,
        columns={
            "id": "k.key",
            "at": f"pg_temp.at(k.i / {events}::float8)",
            "actor": (
                "CASE t.actor WHEN '' THEN '' WHEN t.client_id THEN pg_temp.client_id(k.client)"
                " ELSE pg_temp.username(k.person) END"
            ),
            "client_id": "pg_temp.client_id(k.client)",
            "subject": "CASE t.subject WHEN '' THEN '' ELSE pg_temp.consent_of(k.n)::text END",
            "interaction_id": "md5('interaction ' || k.i / 2)::uuid::text",
        },
    )
    yield Shape(
        table="audit_refusal",
        last=refusals,
        columns={
            "id": "k.key",
            "at": f"now() - (1 - k.i / {refusals}::float8) * interval '95 days'",
            "client_id": "pg_temp.client_id(k.client)",
            "interaction_id": "md5('interaction ' || k.i)::uuid::text",
            "address": "'192.0.2.' || k.i % 250",
        },
    )
