"""The clauses we implement, named as the OpenID conformance suite names them.

A requirement id is the same string in the code, in the test that proves it and in the log of
the conformance suite, so one search finds all three.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from authserver.protocol.errors import OAuthError

P = ParamSpec("P")
R = TypeVar("R")

RFC = "https://www.rfc-editor.org/rfc/"
OPENID = "https://openid.net/specs/"
LINKS = {
    "FAPI2-SP-FINAL-": OPENID + "fapi-security-profile-2_0-final.html",
    "FAPI2-MS-ID1-": OPENID + "fapi-message-signing-2_0-final.html",
    "OIDCC-": OPENID + "openid-connect-core-1_0.html",
    "OIDCD-": OPENID + "openid-connect-discovery-1_0.html",
    "JARM-": OPENID + "oauth-v2-jarm-final.html",
    "PAR-": RFC + "rfc9126.html",
    "JAR-": RFC + "rfc9101.html",
    "RAR-": RFC + "rfc9396.html",
    "DPOP-": RFC + "rfc9449.html",
    "MTLS-": RFC + "rfc8705.html",
    "OAuth2-iss-": RFC + "rfc9207.html",
    "CBUAE-": "https://openfinanceuae.atlassian.net/",
    "CID-": "https://cdn.connectid.com.au/specifications/digitalid-fapi-profile-01.html",
    "KSA-": "https://ksaob.atlassian.net/",
    "FFI-": "",
}
WITH_ANCHORS = (RFC, OPENID + "fapi-", OPENID + "oauth-v2-jarm")


def requirement(*ids: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Say which clauses a function implements.

    An OAuth error that leaves the function without a clause of its own gets the first one, so a
    refusal always names what it enforces.
    """

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except OAuthError as error:
                error.clause = error.clause or ids[0]
                raise

        checked.requirements = ids  # type: ignore[attr-defined]
        return checked

    return mark


def link(requirement_id: str) -> str:
    """Where the clause can be read; empty when its publisher gives no public address."""
    for prefix, url in LINKS.items():
        if requirement_id.startswith(prefix):
            return url + _section(requirement_id.removeprefix(prefix), url)
    if requirement_id.startswith("RFC"):
        number, _, rest = requirement_id.removeprefix("RFC").partition("-")
        url = f"{RFC}rfc{number.removesuffix('A')}.html"
        return url + _section(rest, url)
    return ""


def _section(rest: str, url: str) -> str:
    """The anchor of the section, on pages that have one for every section."""
    number = re.match(r"\d+(\.\d+)*", rest)
    return f"#section-{number[0]}" if number and url.startswith(WITH_ANCHORS) else ""
