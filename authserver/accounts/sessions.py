"""Sessions in the database, as Django keeps them: found by a prepared query, written once each.

Django's own asks whether a new id is taken, stores an empty row under it, takes the old one away,
and then stores again what came of the request: twelve statements for a sign-in.
"""

from functools import cache
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, UpdateError
from django.contrib.sessions.models import Session
from django.db import connection, router
from django.db.models import CharField, DateTimeField
from django.utils import timezone
from django.utils.crypto import get_random_string

from authserver.protocol.requirements import case
from authserver.storage.names import column, table
from authserver.storage.prepared import Parameter, Prepared, insert

KEY_LENGTH = 32  # of 36 characters: no two are ever the same

_live: Prepared[Session] = Prepared(
    lambda: Session.objects.filter(
        session_key=Parameter("key", CharField()),
        expire_date__gt=Parameter("now", DateTimeField()),
    )
)


class SessionStore(db.SessionStore):
    """Named in the settings; Django makes one for each request.

    ``row_key`` is the id that its row has in the database, None where there is no row.
    """

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.row_key = self.session_key

    def load(self) -> dict[str, Any]:
        session = _live.first(key=self.session_key, now=timezone.now())
        if session is None:
            # As Django has it: a key of nobody's is never used again.
            self._session_key = self.row_key = None
            return {}
        return self.decode(session.session_data)

    def create(self) -> None:
        self._session_key = self.row_key = None  # so that nothing is looked up for the new one
        self.items()
        self._session_key = _new_key()
        self.save()
        self.modified = True

    @case("AZ-12")
    def cycle_key(self) -> None:
        """Have another id from this answer on: it is given to the row when that is saved."""
        self.items()  # as they are under the id of before
        self._session_key = _new_key()
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Store what the session has by now; UpdateError where its row was deleted meanwhile.

        A session that was given another id is stored all the same: who signs in twice at the same
        moment, by a double click, is signed in.
        """
        if self.session_key is None:
            return self.create()
        row = self.create_model_instance(dict(self.items()))
        assert isinstance(row, Session)
        if self.row_key is None or not _moved(row, self.row_key):
            if self.row_key == self.session_key:
                raise UpdateError
            insert(row, using=router.db_for_write(Session))
        self.row_key = self.session_key
        return None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.row_key
        if key is not None:
            Session.objects.filter(session_key=key).delete()
        if key == self.row_key:
            self.row_key = None


def _new_key() -> str:
    return get_random_string(KEY_LENGTH, VALID_KEY_CHARS)


def _moved(session: Session, key: str) -> bool:
    """Store the session in the row of this key, under its own; False where there is none."""
    instant = connection.ops.adapt_datetimefield_value(session.expire_date)
    with connection.cursor() as cursor:
        cursor.execute(_moving(), [session.session_key, session.session_data, instant, key])
        return bool(cursor.rowcount)


@cache
def _moving() -> str:
    names = (column(Session, each) for each in ("session_key", "session_data", "expire_date"))
    columns = ", ".join(f"{each} = %s" for each in names)
    return f"UPDATE {table(Session)} SET {columns} WHERE {column(Session, 'pk')} = %s"  # noqa: S608
