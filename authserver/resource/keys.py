"""An issuer's public keys, remembered for a while and asked for again when a key is unknown."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from authserver import jose
from authserver.errors import TemporarilyUnavailable
from authserver.requirements import requirement

Fetch = Callable[[], Mapping[str, Any]]


@dataclass(slots=True, kw_only=True)
class KeyCache:
    """``fetch`` returns the JWKS document or raises; ``lasts`` is how long it is believed.

    Between two fetches lies at least ``ask_again_after``, so that made-up key ids cannot turn us
    into a flood at the issuer.
    """

    fetch: Fetch
    lasts: timedelta = timedelta(minutes=5)
    ask_again_after: timedelta = timedelta(minutes=1)
    _keys: jose.PublicKeys | None = None
    _read_at: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @requirement("RFC7517-5", "RFC9068-4")
    def for_token(self, token: str, *, now: datetime) -> jose.PublicKeys:
        """The keys to verify this token with; what ``fetch`` raises comes through.

        Raises TemporarilyUnavailable where what it returned is no key set.
        """
        kid = jose.kid_of(token)
        with self._lock:
            if self._keys is None or self._is_older_than(self.lasts, now=now):
                return self._read(now=now)
            if not self._keys.has(kid) and self._is_older_than(self.ask_again_after, now=now):
                return self._read(now=now)
            return self._keys

    def _is_older_than(self, age: timedelta, *, now: datetime) -> bool:
        return self._read_at is None or now - self._read_at >= age

    def _read(self, *, now: datetime) -> jose.PublicKeys:
        try:
            found = jose.import_jwks(self.fetch())
        except jose.BadJOSE as fault:
            raise TemporarilyUnavailable(
                "the keys of the issuer cannot be read", seen=str(fault)
            ) from None
        self._keys, self._read_at = found, now
        return found
