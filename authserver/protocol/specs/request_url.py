"""URLs of requests: which spellings are one URL (RFC 3986, 6.2), and what a caller sent."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from authserver.protocol.requirements import requirement

Normalised = tuple[str, str, int | None, str]
LONGEST = 4_096  # our choice
PRINTABLE = re.compile(r"[\x21-\x7e]+")
ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})?")
UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
ABSOLUTE = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
DEFAULT_PORTS = {"https": 443, "http": 80}
DOTS = frozenset({".", ".."})


@requirement("RFC3986-6.2.2", "RFC3986-6.2.3")
def normalised(url: object, *, as_sent: bool = False) -> Normalised | None:
    """Scheme, host, port and path without the differences that mean nothing.

    Letter case of scheme, host and escapes, escapes of what needs none, dot segments, the default
    port, query and fragment do not count; an escaped slash stays another thing than a slash. None
    if it is no URL that a request can have, user information included. ``as_sent`` is for the URL
    of the request itself: with dot segments in it, it is none, since what routes and serves it may
    resolve them and may not.
    """
    if not isinstance(url, str) or len(url) > LONGEST or not PRINTABLE.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    path = _path(parts.path)
    if not parts.hostname or "@" in parts.netloc or path is None:
        return None
    if not DOTS.isdisjoint(path.split("/")):
        if as_sent:
            return None
        path = _without_dots(path)
    return parts.scheme, parts.hostname, port, path


@requirement("DPOP-4.3")
def path_as_sent(environ: Mapping[str, Any]) -> str | None:
    """The path of a WSGI request as its caller wrote it, or None where the server does not say.

    ``PATH_INFO`` is no substitute: there an escaped slash has become a slash, and two resources
    one. gunicorn gives RAW_URI, uWSGI and mod_wsgi REQUEST_URI.
    """
    targets = {environ[name] for name in ("RAW_URI", "REQUEST_URI") if environ.get(name)}
    if len(targets) != 1:
        return None
    target = str(targets.pop())
    path = ABSOLUTE.sub("", target, count=1) if ABSOLUTE.match(target) else target
    path = path.partition("?")[0] or "/"
    return path if path.startswith("/") and "#" not in path else None


@requirement("RFC3986-6.2.2")
def _path(path: str) -> str | None:
    """Escapes in capitals, and none of what needs no escape; None where one is broken."""

    def respelled(escape: re.Match[str]) -> str:
        character = chr(int(escape[1], 16))
        return character if UNRESERVED.fullmatch(character) else escape[0].upper()

    if any(escape[1] is None for escape in ESCAPED.finditer(path)):
        return None
    return ESCAPED.sub(respelled, path) or "/"


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4: what the segments . and .. of an absolute path stand for."""
    resolved: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del resolved[-1:]
        elif segment != ".":
            resolved.append(segment)
    if segments[-1] in DOTS:
        resolved.append("")
    return "/" + "/".join(resolved)
