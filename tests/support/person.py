"""A person with a browser: opens the request, signs in, chooses, approves; over HTTP."""

import html
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client as Http
from django.test import RequestFactory

from authserver.accounts.allauth_internals import record_authentication
from authserver.accounts.models import User
from authserver.accounts.sessions import SessionStore
from authserver.storage.encryption import encrypt
from tests.support.rows import stored

RETURN_LINK = re.compile(
    r'<a[^>]*id="return-link"[^>]*href="([^"]+)"|'
    r'<a[^>]*href="([^"]+)"[^>]*id="return-link"'
)

SHOWN = re.compile(r'<input type="hidden" name="(shown)" value="([^"]*)">')


@cache
def _totp() -> dict[str, Any]:
    return {"secret": encrypt("JBSWY3DPEHPK3PXP")}


def authenticator_of(user: User) -> Authenticator:
    """The person's authenticator app; made where they have none yet."""
    kind = Authenticator.Type.TOTP
    held = Authenticator.objects.filter(user=user, type=kind).first()
    return held or stored(Authenticator(user=user, type=kind, data=_totp()))


class Unseen(dict[str, Any]):
    """A session that no browser has yet, and that needs no other id."""

    def cycle_key(self) -> None:
        """Nothing to renew."""


@dataclass
class Person:
    """``opens`` and the others return the response on which the browser comes to rest."""

    user: User
    browser: Http

    def sign_in(self, *, factors: int = 2) -> None:
        """Sign in as the login pages would leave the session behind."""
        cookie = self.browser.cookies.get(settings.SESSION_COOKIE_NAME)
        session = SessionStore(cookie.value if cookie else None)
        if session.get(SESSION_KEY, str(self.user.pk)) != str(self.user.pk):
            session.flush()
        session.update(
            {
                SESSION_KEY: str(self.user.pk),
                BACKEND_SESSION_KEY: "authserver.accounts.backends.AuthenticationBackend",
                HASH_SESSION_KEY: self.user.get_session_auth_hash(),
            }
        )
        session.update(self._records(factors))
        session.save()
        self.browser.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)

    def _records(self, factors: int) -> dict[str, Any]:
        """What a session keeps of so many factors that were shown just now."""
        request = RequestFactory().get("/")
        request.session = Unseen()  # type: ignore[assignment]
        record_authentication(request, self.user, "password", username=self.user.username)
        if factors == 2:
            held = authenticator_of(self.user)
            record_authentication(request, self.user, "mfa", id=held.pk, type=held.type)
        return dict(request.session)

    def opens(self, tpp: Any, request_uri: str, **changes: Any) -> Any:
        """Open the authorization URL and follow our own redirects."""
        query = {"client_id": tpp.client_id, "request_uri": request_uri} | changes
        query = {name: value for name, value in query.items() if value is not None}
        return self.follow(
            self.browser.get(f"/{tpp.ecosystem.slug}/authorize?{urlencode(query, doseq=True)}")
        )

    def follow(self, response: Any) -> Any:
        """Follow 303s while they stay on our own pages."""
        for _ in range(10):
            if response.status_code != 303 or response["Location"].startswith("https://"):
                return response
            response = self.browser.get(response["Location"])
        raise AssertionError("redirected in a circle")

    def decides(self, page: Any, *, approve: bool = True, accounts: list[str] | None = None) -> Any:
        """Go through the journey's pages from this one to the answer."""
        path = page.request["PATH_INFO"]
        if path.endswith("/accounts"):
            page = self.follow(self.browser.post(path, {"accounts": accounts or ["acc-1"]}))
            path = page.request["PATH_INFO"]
        form = decision_on(page, "approve" if approve else "refuse")
        return self.follow(self.browser.post(path, form))

    def approves(self, tpp: Any, request_uri: str, **changes: Any) -> dict[str, str]:
        """The whole way; returns the parameters that the client gets."""
        page = self.opens(tpp, request_uri)
        return answer_in(page if is_answer(page) else self.decides(page, **changes))


def decision_on(page: Any, decision: str = "approve") -> dict[str, str]:
    """The form that this page sends with one of its buttons."""
    return {"decision": decision} | dict(SHOWN.findall(page.content.decode()))


def is_answer(response: Any) -> bool:
    return response.status_code == 303 or b'id="return-link"' in response.content


def answer_url(response: Any) -> str:
    """Where the browser is sent back to: by a 303, or by the page that returns it."""
    if response.status_code == 303:
        return str(response["Location"])
    found = RETURN_LINK.search(response.content.decode())
    assert found, response.content.decode()[:2000]
    return html.unescape(found[1] or found[2])


def answer_in(response: Any) -> dict[str, str]:
    """The parameters of the authorization response."""
    query = parse_qs(urlsplit(answer_url(response)).query, strict_parsing=True)
    return {name: values[0] for name, values in query.items()}
