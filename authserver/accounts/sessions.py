"""Sessions in the database, as Django keeps them, found by a prepared query at every request."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from authserver.storage.prepared import Parameter, Prepared

_live: Prepared[Session] = Prepared(
    lambda: Session.objects.filter(
        session_key=Parameter("key", CharField()),
        expire_date__gt=Parameter("now", DateTimeField()),
    )
)


class SessionStore(db.SessionStore):
    """Named in the settings; Django makes one for each request."""

    def load(self) -> dict[str, Any]:
        session = _live.first(key=self.session_key, now=timezone.now())
        if session is None:
            self._session_key = None  # as Django has it: a key of nobody's is never used again
            return {}
        return self.decode(session.session_data)
