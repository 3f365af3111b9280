"""The names that clients give their consents: each belongs to the first that is decided.

A name is compared in lower case, as identifiers that are written in hexadecimal are. While nobody
has decided it may be pushed again; whichever of them is decided first has it, and the database
says which that was.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from authserver.protocol.errors import AccessDenied
from authserver.protocol.requirements import requirement
from consents import types
from consents.models import Consent, ConsentName
from consents.types.detail_type import Detail


def names_in(details: Iterable[Detail]) -> list[str]:
    """The name of each detail that has one, as names are compared, in their order."""
    typed_details = ((types.find(detail["type"]), detail) for detail in details)
    names = (each.external_id(detail) for each, detail in typed_details if each is not None)
    return [name.lower() for name in names if name]


def are_taken(names: Collection[str], *, ecosystem: int) -> bool:
    """True if one of them is a decided consent's; nothing is asked where there are none."""
    if not names:
        return False
    return ConsentName.objects.filter(ecosystem=ecosystem, name__in=names).exists()


@contextmanager
@requirement("CBUAE-2.4c")
def claiming(rows: Collection[ConsentName]) -> Iterator[None]:
    """While rows of names are stored: AccessDenied where another consent has one of them.

    What is stored beside them is taken back then. Nothing is begun where there are none.
    """
    if not rows:
        yield
        return
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise AccessDenied("a consent with this ConsentId was already decided") from None


def keep(consent: Consent) -> None:
    """Give the consent those of its names that are free: it ends, and they are used up."""
    if rows := rows_of(consent):
        ConsentName.objects.bulk_create(rows, ignore_conflicts=True)


def rows_of(consent: Consent) -> list[ConsentName]:
    """Its names, to be stored; in one order, so that two consents with the same two names do not
    wait for each other."""
    return [
        ConsentName(ecosystem_id=consent.ecosystem_id, name=name, consent=consent)
        for name in sorted(set(names_in(consent.authorization_details)))
    ]
