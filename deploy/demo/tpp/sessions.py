"""What the TPP remembers about each browser, in memory: it forgets when the program ends."""

import secrets
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from deploy.demo.tpp.authorization import Pending, Tokens
from deploy.demo.tpp.bank import AccountShown
from deploy.local.https_client import Exchange
from deploy.local.issuer import Issuer

COOKIE = "__Host-tpp"
MOST_BROWSERS = 500
MOST_EXCHANGES = 200


@dataclass(slots=True, kw_only=True)
class Visit:
    """One browser at one client: a journey under way, or a connection, and what was said."""

    issuer: Issuer | None = None
    pending: Pending | None = None
    tokens: Tokens | None = None
    accounts: tuple[AccountShown, ...] = ()
    notice: str = ""
    notice_id: str = ""
    detail: str = ""
    thefts: tuple[tuple[str, int, str], ...] = ()
    exchanges: deque[Exchange] = field(default_factory=lambda: deque(maxlen=MOST_EXCHANGES))

    def tell(self, notice_id: str, notice: str, *, detail: str = "") -> None:
        """Keep one sentence for the next page."""
        self.notice_id, self.notice, self.detail = notice_id, notice, detail

    def forget(self) -> None:
        self.issuer = self.pending = self.tokens = None
        self.accounts = ()
        self.thefts = ()


class Visits:
    """Visits by the browser's cookie; the browser seen longest ago is dropped first."""

    def __init__(self) -> None:
        self._browsers: OrderedDict[str, dict[str, Visit]] = OrderedDict()
        self._lock = threading.Lock()

    def browser(self, cookie: str) -> str:
        """Return the cookie if it is one of ours, else a new one."""
        with self._lock:
            if cookie in self._browsers:
                self._browsers.move_to_end(cookie)
                return cookie
            made = secrets.token_urlsafe(24)
            self._browsers[made] = {}
            if len(self._browsers) > MOST_BROWSERS:
                self._browsers.popitem(last=False)
            return made

    def visit(self, cookie: str, client_id: str) -> Visit:
        with self._lock:
            return self._browsers.setdefault(cookie, {}).setdefault(client_id, Visit())
