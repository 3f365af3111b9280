"""Requests over HTTPS that remember what was said, with every secret cut short."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import httpx

from deploy.local import signing
from deploy.local.trust import client_context

CUT_SHORT = frozenset(
    {
        "access_token",
        "authorization",
        "client_assertion",
        "code",
        "code_verifier",
        "id_token",
        "n",
        "refresh_token",
        "request",
        "request_uri",
        "response",
        "token",
    }
)
SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, fit to be shown: ``inside`` holds the claims of a signed part."""

    what: str
    method: str
    url: str
    certificate: str
    sent: Mapping[str, Any]
    inside: Mapping[str, Any]
    status: int
    answer: Any
    interaction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPSClient:
    """A way to call others with one client certificate; ``certificate`` is the name it goes by."""

    http: httpx.Client
    certificate: str
    record: Callable[[Exchange], None] = field(default=lambda _: None)

    def get(self, what: str, url: str, *, token: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self._send(what, "GET", url, headers=headers, form=None)

    def post(self, what: str, url: str, form: Mapping[str, str]) -> httpx.Response:
        return self._send(what, "POST", url, headers={}, form=form)

    def _send(
        self,
        what: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None,
    ) -> httpx.Response:
        named = {
            "Accept": "application/json",
            "x-fapi-interaction-id": str(uuid.uuid4()),
            **headers,
        }
        answer = self.http.request(method, url, headers=named, data=form)
        signed = (form or {}).get("request", "")
        self.record(
            Exchange(
                what=what,
                method=method,
                url=shortened_url(url),
                certificate=self.certificate,
                sent=shortened({**headers, **(form or {})}),
                inside=shortened(signing.unverified_claims(signed)) if signed else {},
                status=answer.status_code,
                answer=shortened(_read(answer)),
                interaction_id=answer.headers.get("x-fapi-interaction-id", ""),
            )
        )
        return answer


def opened(*, root: Path, certificate: Path | None = None, key: Path | None = None) -> httpx.Client:
    """Return a client that trusts the demo's root alone, with a client certificate if given."""
    context = client_context(root=root, certificate=certificate, key=key)
    return httpx.Client(verify=context, timeout=15, trust_env=False, follow_redirects=False)


def shortened(content: Any, *, name: str = "") -> Any:
    """Return the content with every secret, and every long key, cut to its beginning."""
    if isinstance(content, Mapping):
        return {key: shortened(value, name=str(key)) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [shortened(value, name=name) for value in content]
    if isinstance(content, str) and name.lower() in CUT_SHORT:
        scheme, gap, secret = content.rpartition(" ")
        prefix = "urn:ietf:params:oauth:request_uri:"
        start = len(prefix) if secret.startswith(prefix) else 0
        if len(secret) > start + SHOWN:
            return f"{scheme}{gap}{secret[: start + SHOWN]}... ({len(secret)} characters)"
    return content


def shortened_url(url: str) -> str:
    """Return the URL with the secrets of its query cut short."""
    parts = urlsplit(url)
    query = shortened(dict(parse_qsl(parts.query)))
    return urlunsplit(parts._replace(query=urlencode(query, safe=":/ .()", quote_via=quote)))


def _read(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return answer.text[:200]
