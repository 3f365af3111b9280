"""Is all that a token stands on still alive? Asked at issuance, under a lock, and at every use.

Suspending a client or a participant, revoking a consent, disabling a person is one write to one
row; nothing is copied, so it is effective at once wherever this is asked.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import Q
from django.db.models.expressions import Combinable

from authserver.accounts.models import Enrolment
from authserver.ecosystems.revocation import refusing_authorities
from authserver.keys.models import SigningKey
from authserver.protocol.errors import InvalidClient
from authserver.protocol.requirements import case, requirement
from clients.certificates import is_taken_back
from clients.models import Client

CLIENT = """
    FROM clients_client c
    JOIN clients_participant p ON p.id = c.participant_id
    JOIN ecosystems_ecosystem e ON e.id = p.ecosystem_id
    WHERE c.id = %s AND c.state = 'active' AND p.state = 'active' AND e.is_active
"""
PERSON = """
    FROM accounts_user u
    JOIN accounts_enrolment n ON n.user_id = u.id
    JOIN clients_client c ON c.ecosystem_id = n.ecosystem_id
    WHERE u.id = %s AND c.id = %s AND u.is_active AND n.is_active
"""
CONSENT = """
    FROM consents_consent s
    WHERE s.id = %s AND s.client_id = %s AND s.state = 'Authorized'
      AND (s.expires_at IS NULL OR s.expires_at > %s)
"""


@case("CD-15", "CA-64")
@requirement("RFC6749-5.2")
def lock_caller(client: Client, *, also: str = "1", values: Sequence[Any] = ()) -> Any:
    """Lock the client that is calling, or raise InvalidClient where it was suspended meanwhile.

    Inside a transaction, and before anything is handed out in it: a client that is suspended
    after it proved its key gets all or nothing. Returns what ``also`` gives, an SQL expression
    over ``values`` that the same statement evaluates.
    """
    locked = _lock_client(client.pk, also=also, values=values)
    if locked is None:
        raise InvalidClient(expected="an active client", seen="one that was suspended meanwhile")
    return locked[0]


@case("CD-14", "CD-15", "TK-10")
def lock_issuance(*, client: int, user: int | None, consent: Any, now: datetime) -> bool:
    """Lock the rows that a code stands on, FOR SHARE; True if all of them are alive.

    Inside a transaction: who suspends or revokes waits until it ends, so nothing is issued
    beside an acknowledged revocation. SQLite has one writer at a time, which is the same.
    """
    locked = _lock_client(client) is not None
    return locked and lock_person_and_consent(client=client, user=user, consent=consent, now=now)


@case("CD-14", "CD-15", "TK-10")
def lock_person_and_consent(*, client: int, user: int | None, consent: Any, now: datetime) -> bool:
    """As ``lock_issuance``, where the client is locked already: the person and the consent."""
    instant = connection.ops.adapt_datetimefield_value(now)
    return bool(
        _row("SELECT 1" + PERSON, [user, client], "u, n")
        and _row("SELECT 1" + CONSENT, [_uuid(consent), client, instant], "s")
    )


def _lock_client(client: int, *, also: str = "1", values: Sequence[Any] = ()) -> Any:
    return _row(f"SELECT {also}{CLIENT}", [*values, client], "c, p, e")


def _row(statement: str, values: list[Any], of: str) -> Any:
    if connection.features.has_select_for_update:
        statement += f" FOR SHARE OF {of}"
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def _uuid(value: Any) -> Any:
    return value if connection.features.has_native_uuid_field else value.hex


def alive(*, now: datetime | Combinable) -> Q:
    """The condition, on an access token's row, that all it stands on is alive.

    Its expiry is the caller's to ask about, and its certificate ``certificate_alive``'s.
    """
    client = Q(
        application__state="active",
        application__participant__state="active",
        application__participant__ecosystem__is_active=True,
    )
    return client & grant_alive(now=now) & _key_alive()


@case("F-11", "DS-07")
def _key_alive() -> Q:
    """The key that signed the token was not withdrawn: whoever stole it proves nothing by it."""
    withdrawn = SigningKey.objects.filter(
        kid=models.OuterRef("signing_key"), state=SigningKey.State.WITHDRAWN
    )
    return ~Q(models.Exists(withdrawn.order_by()))


@case("MT-09")
@requirement("RFC5280-6.3.3")
def certificate_alive(*, thumbprint: str, now: datetime | Combinable) -> Q:
    """The condition, on an access token's row, that the certificate it is bound to is alive.

    Neither did we revoke it where it is registered, nor its CA, registered or not. ``thumbprint``
    is the column that has it. A row from before the serial number was kept has none: its CA is
    asked only about a registered certificate.
    """
    by_its_ca = refusing_authorities(
        ecosystem=models.OuterRef("application__ecosystem"),
        subject=models.OuterRef("certificate_issuer"),
        serial_number=models.OuterRef("certificate_serial_number"),
        now=now,
    )
    registered = is_taken_back(
        client=models.OuterRef("application"), thumbprint=models.OuterRef(thumbprint), now=now
    )
    return (Q(certificate_serial_number="") | ~Q(by_its_ca)) & ~Q(registered)


def grant_alive(*, now: datetime | Combinable) -> Q:
    """As ``alive``, where the client itself is asked about elsewhere."""
    consent = Q(consent=None) | (
        Q(consent__state="Authorized")
        & (Q(consent__expires_at=None) | Q(consent__expires_at__gt=now))
    )
    code = Q(authorization_code=None) | Q(authorization_code__replayed_at=None)
    enrolled = Enrolment.objects.filter(
        user=models.OuterRef("user"),
        ecosystem=models.OuterRef("application__participant__ecosystem"),
        is_active=True,
    )
    person = Q(user=None) | Q(models.Exists(enrolled), user__is_active=True)
    return consent & code & person
