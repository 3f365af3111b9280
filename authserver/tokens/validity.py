"""Is all that a token stands on still alive? Asked at issuance, under a lock, and at every use.

Suspending a client or a participant, revoking a consent, disabling a person is one write to one
row; nothing is copied, so it is effective at once wherever this is asked. What it takes to be
alive stands with each model; here it is put together.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import BigIntegerField, DateTimeField, Exists, OuterRef, Q, UUIDField
from django.db.models.expressions import Combinable

from authserver.accounts.enrolments import enrolled
from authserver.accounts.models import Enrolment, User
from authserver.ecosystems.models import Ecosystem
from authserver.ecosystems.revocation import refusing_authorities
from authserver.keys.models import SigningKey
from authserver.protocol.errors import InvalidClient
from authserver.protocol.requirements import case, requirement
from authserver.storage.copies import kept_with
from authserver.storage.prepared import Parameter
from authserver.storage.share_lock import ShareLock
from authserver.storage.together import Held
from clients.certificates import is_revoked
from clients.models import Client, ClientCertificate, Participant
from clients.mutual_tls import certificates_of
from consents.models import Consent


def lock_of_the_caller(
    *, having: Callable[[models.QuerySet[Any]], models.QuerySet[Any]] | None = None
) -> ShareLock:
    """The lock of the client that calls, by its key ``client``.

    ``having`` says what else has to be so, which the same statement looks up.
    """

    def build() -> models.QuerySet[Any, Any]:
        living = Client.objects.filter(Client.ALIVE.q(), pk=Parameter("client", BigIntegerField()))
        return (having(living) if having else living).values_list("pk")

    return ShareLock(build, of=(Client, Participant, Ecosystem))


CLIENT = lock_of_the_caller()
PERSON = ShareLock(
    lambda: Enrolment.objects.filter(
        Enrolment.ALIVE.q(),
        user=Parameter("user", BigIntegerField()),
        ecosystem__in=Client.objects.filter(pk=Parameter("client", BigIntegerField()))
        .order_by()
        .values("ecosystem"),
    ).values_list("pk"),
    of=(User, Enrolment),
)
CONSENT = ShareLock(
    lambda: (
        Consent.objects.alive(now=Parameter("now", DateTimeField()))
        .filter(
            pk=Parameter("consent", UUIDField()),
            client=Parameter("client", BigIntegerField()),
        )
        .values_list("pk")
    ),
    of=(Consent,),
)


@case("CD-15", "CA-64")
@requirement("RFC6749-5.2")
def lock_caller(client: Client) -> None:
    """Lock the client that is calling, or raise InvalidClient where it was suspended meanwhile.

    Before anything is handed out: a client that is suspended after it proved its key gets all or
    nothing.
    """
    if CLIENT.lock(client=client.pk) is None:
        raise InvalidClient(expected="an active client", seen="one that was suspended meanwhile")


@case("CD-15", "CA-64")
def held_caller(client: Client) -> Held:
    """As ``lock_caller``, for what is stored together under it."""
    return Held(CLIENT, {"client": client.pk})


@case("CD-14", "CD-15", "TK-10")
def lock_issuance(*, client: int, user: int | None, consent: Any, now: datetime) -> bool:
    """Lock the rows that a code stands on, FOR SHARE; True if all of them are alive.

    Inside a transaction. Without a consent, which would be given with the code, the others.
    """
    return (
        CLIENT.lock(client=client) is not None
        and PERSON.lock(user=user, client=client) is not None
        and (consent is None or CONSENT.lock(consent=consent, client=client, now=now) is not None)
    )


@case("CD-14", "CD-15", "TK-10")
def held_person(user: int | None, *, client: int) -> Held:
    """The person, alive in the client's ecosystem, for what is stored together under them.

    Who suspends, revokes or takes away what is held waits until it is stored: nothing is issued
    beside an acknowledged revocation. SQLite has one writer at a time, which is the same.
    """
    return Held(PERSON, {"user": user, "client": client})


@case("CD-14", "TK-10")
def held_consent(consent: Any, *, client: int, now: datetime) -> Held:
    """The client's consent, alive, likewise."""
    return Held(CONSENT, {"consent": consent, "client": client, "now": now})


@case("CD-14", "CD-15", "TK-10")
def held_person_and_consent(
    *, client: int, user: int | None, consent: Any, now: datetime
) -> tuple[Held, Held]:
    return held_person(user, client=client), held_consent(consent, client=client, now=now)


def alive(*, now: datetime | Combinable) -> Q:
    """The condition, on an access token's row, that all it stands on is alive.

    Its own life is ``AccessToken.ALIVE``, and its certificate's ``certificate_alive``.
    """
    return stands(now=now) & _key_alive()


def stands(*, now: datetime | Combinable) -> Q:
    """As ``alive``, where the key that signed it is asked about elsewhere."""
    return Client.ALIVE.under("application").q() & grant_alive(now=now)


def grant_alive(*, now: datetime | Combinable) -> Q:
    """As ``alive``, where the client itself is asked about elsewhere."""
    person = enrolled(user=OuterRef("user"), ecosystem=OuterRef("application__ecosystem"))
    return Consent.ALIVE.if_any("consent").q(now=now) & (Q(user=None) | Q(Exists(person)))


@case("F-11", "DS-07")
def _key_alive() -> Q:
    """The key that signed the token was not withdrawn: whoever stole it proves nothing by it."""
    withdrawn = SigningKey.objects.filter(~SigningKey.VERIFIES.q(), kid=OuterRef("signing_key"))
    return ~Q(Exists(withdrawn.order_by()))


@case("F-11", "DS-07", "MT-09")
def by_registered_keys(token: Any, client: Client) -> bool:
    """As ``_key_alive`` and ``certificate_alive`` tell it, where no list of a CA is required.

    Asked of what is kept with the client: good where its versions were found in the database.
    """
    ecosystem = client.ecosystem
    withdrawn = kept_with(ecosystem, "withdrawn keys", lambda: _withdrawn_keys(ecosystem))
    thumbprint = token.cnf.get("x5t#S256")
    return token.signing_key not in withdrawn and not any(
        each.thumbprint == thumbprint and not ClientCertificate.UNREVOKED.holds(each)
        for each in certificates_of(client)
    )


def _withdrawn_keys(ecosystem: Ecosystem) -> frozenset[str]:
    keys = SigningKey.objects.filter(~SigningKey.VERIFIES.q(), ecosystem=ecosystem)
    return frozenset(keys.values_list("kid", flat=True))


@case("MT-09")
@requirement("RFC5280-6.3.3")
def certificate_alive(*, thumbprint: str, now: datetime | Combinable) -> Q:
    """The condition, on an access token's row, that the certificate it is bound to is alive.

    Neither did we revoke it where it is registered, nor its CA, registered or not. ``thumbprint``
    is the column that has it. A row from before the serial number was kept has none: its CA is
    asked only about a registered certificate.
    """
    by_its_ca = refusing_authorities(
        ecosystem=OuterRef("application__ecosystem"),
        subject=OuterRef("certificate_issuer"),
        serial_number=OuterRef("certificate_serial_number"),
        now=now,
    )
    registered = is_revoked(
        client=OuterRef("application"), thumbprint=OuterRef(thumbprint), now=now
    )
    return (Q(certificate_serial_number="") | ~Q(by_its_ca)) & ~Q(registered)
