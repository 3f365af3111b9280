"""Every answer that a test gets, looked at: no number of ours is in it, and a clause is public.

Those of Django's test client and those that a server sends over the wire go through one look.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from email.message import Message
from typing import Any
from urllib.parse import unquote_plus

from django.test import Client as Http

from authserver.protocol.clauses import CASES, is_public

PRIVATE = re.compile(rf"\[(?:{'|'.join(CASES)})-\d+\]")
CITED = re.compile(r"\[([^\[\]]+)\]$")
DESCRIBED = re.compile(r'"error_description": ?"([^"]*)"')
JWT = re.compile(r"[?&;]response=[\w-]+\.([\w-]+)\.")
UNTIL_LOOKED_AT = Http.request


def looked_at(http: Http, **request: Any) -> Any:
    """As ``request`` of Django's test client."""
    response = UNTIL_LOOKED_AT(http, **request)
    require_nothing_private(response.headers, b"" if response.streaming else response.content)
    return response


def require_nothing_private(headers: Mapping[str, str] | Message, body: bytes) -> None:
    """Hold that a client may see all of this answer, wherever it looks."""
    for text in (*headers.values(), body.decode(errors="replace")):
        require_public_text(text)
    if headers.get("Content-Type", "").startswith("application/json"):
        require_public_clause(body)


def require_public_octets(received: bytes) -> None:
    """As ``require_nothing_private``, of all that came over a connection, in whatever order."""
    text = received.decode(errors="replace")
    require_public_text(text)
    for described in DESCRIBED.findall(text):
        require_clause_of_others(described)


def require_public_text(text: str) -> None:
    for read in readings(text):
        assert not PRIVATE.search(read), read[:2000]


def readings(text: str) -> Iterator[str]:
    """The text as it is sent, as an address in it is read, and what is signed in that."""
    yield text
    yield unquote_plus(text)
    for payload in JWT.findall(text):
        yield urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()


def require_public_clause(body: bytes) -> None:
    """Hold that the clause of an OAuth error can be looked up by whoever gets it."""
    try:
        members = json.loads(body)
    except ValueError:  # a test that breaks the answer itself
        return
    if isinstance(members, dict) and "error" in members:
        require_clause_of_others(str(members.get("error_description", "")))


def require_clause_of_others(description: str) -> None:
    cited = CITED.search(description)
    assert cited is None or is_public(cited[1]), description
