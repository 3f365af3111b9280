"""An issuer's public keys, remembered for a while and asked for again when a key is unknown."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from authserver.protocol import jose
from authserver.protocol.errors import TemporarilyUnavailable
from authserver.protocol.requirements import requirement

Fetch = Callable[[], Mapping[str, Any]]


@dataclass(slots=True, kw_only=True)
class KeyCache:
    """``fetch`` returns the JWKS document or raises; ``lasts`` is how long it is believed.

    Between two fetches lies at least ``ask_again_after``, so that made-up key ids cannot turn us
    into a flood at the issuer. While the issuer is away its keys are believed for ``at_most``, and
    it is tried again every ``after_a_failure``. One thread fetches; no other waits for it, except
    at the very first, for ``first_wait`` seconds.
    """

    fetch: Fetch
    lasts: timedelta = timedelta(minutes=5)
    at_most: timedelta = timedelta(minutes=20)
    ask_again_after: timedelta = timedelta(minutes=1)
    after_a_failure: timedelta = timedelta(seconds=10)
    first_wait: float = 2.0
    _document: Mapping[str, Any] | None = None
    _read_at: datetime | None = None
    _next_fetch_at: datetime | None = None
    _under_way: bool = False
    _fault: str = ""
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @requirement("RFC7517-5", "RFC9068-4")
    def for_token(self, token: str, *, now: datetime) -> jose.PublicKeys:
        """The keys that this token can mean; TemporarilyUnavailable where none can be had."""
        name = jose.name_of(token)
        if self._claims_fetch(name, now=now):
            self._fetch(now=now)
        elif self._document is None:
            self._wait_for_the_first()
        with self._changed:
            document, read_at, fault = self._document, self._read_at, self._fault
        if document is None or read_at is None or now - read_at >= self.at_most:
            raise TemporarilyUnavailable("the keys of the issuer cannot be had", seen=fault)
        return jose.keys_named(document, name)

    def _claims_fetch(self, name: jose.KeyName, *, now: datetime) -> bool:
        """True for the one thread that shall fetch now."""
        with self._changed:
            if self._under_way or (self._next_fetch_at and now < self._next_fetch_at):
                return False
            if self._document is not None and self._read_at is not None:
                is_old = now - self._read_at >= self.lasts
                if not is_old and jose.has_key(self._document, name):
                    return False
            self._under_way = True
            return True

    def _fetch(self, *, now: datetime) -> None:
        """Ask the issuer with no lock held; whatever goes wrong, the keys of before stay."""
        fetched, fault = None, "the fetch was ended"
        try:
            document = self.fetch()
            jose.require_a_set(document)
            fetched, fault = document, ""
        except Exception as error:  # noqa: BLE001 - whoever wrote the fetch chose what it raises
            fault = type(error).__name__
        finally:
            with self._changed:
                if fetched is not None:
                    self._document, self._read_at = fetched, now
                pause = self.after_a_failure if fetched is None else self.ask_again_after
                self._next_fetch_at, self._under_way, self._fault = now + pause, False, fault
                self._changed.notify_all()

    def _wait_for_the_first(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way, timeout=self.first_wait)
