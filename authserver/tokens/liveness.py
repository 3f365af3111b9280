"""Is all that a token stands on still alive? Asked at issuance, under a lock, and at every use.

Suspending a client or a participant, revoking a consent, disabling a person is one write to one
row; nothing is copied, so it is effective at once wherever this is asked.
"""

from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import Q

from authserver.accounts.models import Enrolment
from authserver.requirements import requirement

CLIENT = """
    SELECT 1 FROM clients_client c
    JOIN clients_participant p ON p.id = c.participant_id
    JOIN ecosystems_ecosystem e ON e.id = p.ecosystem_id
    WHERE c.id = %s AND c.state = 'active' AND p.state = 'active' AND e.is_active
"""
PERSON = """
    SELECT 1 FROM accounts_user u
    JOIN accounts_enrolment n ON n.user_id = u.id
    JOIN clients_client c ON c.ecosystem_id = n.ecosystem_id
    WHERE u.id = %s AND c.id = %s AND u.is_active AND n.is_active
"""
CONSENT = """
    SELECT 1 FROM consents_consent s
    WHERE s.id = %s AND s.client_id = %s AND s.state = 'Authorized'
      AND (s.expires_at IS NULL OR s.expires_at > %s)
"""


@requirement("CD-14", "CD-15", "TK-10")
def hold(*, client: int, user: int | None, consent: Any | None, now: datetime) -> bool:
    """Lock the rows that a token stands on, FOR SHARE; True if all of them are alive.

    Inside a transaction: who suspends or revokes waits until it ends, so no token is issued
    beside an acknowledged revocation. SQLite has one writer at a time, which is the same.
    """
    instant = connection.ops.adapt_datetimefield_value(now)
    if not _found(CLIENT, [client], "c, p, e"):
        return False
    if user is not None and not _found(PERSON, [user, client], "u, n"):
        return False
    if consent is None:
        return True
    return _found(CONSENT, [_uuid(consent), client, instant], "s")


def _found(statement: str, values: list[Any], of: str) -> bool:
    if connection.features.has_select_for_update:
        statement += f" FOR SHARE OF {of}"
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone() is not None


def _uuid(value: Any) -> Any:
    return value if connection.features.has_native_uuid_field else value.hex


def alive(*, now: datetime) -> Q:
    """The condition, on a token's row, that all it stands on is alive; expiry is the caller's."""
    client = Q(
        application__state="active",
        application__participant__state="active",
        application__participant__ecosystem__is_active=True,
    )
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
    return client & consent & code & person
