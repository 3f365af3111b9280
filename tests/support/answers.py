"""Every answer that a test gets, looked at: no number of ours is in it, and a clause is public."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from django.test import Client as Http

from authserver.protocol.clauses import CASES, is_public

PRIVATE = re.compile(rf"\[(?:{'|'.join(CASES)})-\d+\]")
CITED = re.compile(r"\[([^\[\]]+)\]$")
JWT = re.compile(r"[?&;]response=[\w-]+\.([\w-]+)\.")
UNTIL_LOOKED_AT = Http.request


def looked_at(http: Http, **request: Any) -> Any:
    """As ``request`` of Django's test client."""
    response = UNTIL_LOOKED_AT(http, **request)
    for text in texts_of(response):
        assert not PRIVATE.search(text), text[:2000]
    require_public_clause(response)
    return response


def texts_of(response: Any) -> Iterator[str]:
    """The body, the challenge, and the addresses that they lead to, as they are read."""
    sent = [response.get("WWW-Authenticate", ""), response.get("Location", "")]
    if not response.streaming:
        sent.append(response.content.decode(errors="replace"))
    for text in sent:
        yield text
        yield unquote_plus(text)
        for payload in JWT.findall(text):
            yield urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()


def require_public_clause(response: Any) -> None:
    """Hold that the clause of an OAuth error can be looked up by whoever gets it."""
    if not response.get("Content-Type", "").startswith("application/json") or response.streaming:
        return
    try:
        body = json.loads(response.content)
    except ValueError:  # a test that breaks the answer itself
        return
    if isinstance(body, dict) and "error" in body:
        cited = CITED.search(str(body.get("error_description", "")))
        assert cited is None or is_public(cited[1]), body
