"""What every request and every answer passes through, whatever endpoint it is for."""

import re
import uuid
from collections.abc import Callable
from functools import cache, lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase

from authserver.protocol.requirements import case, requirement
from authserver.storage.django_internals import PreparedHeaders, add_headers, prepared_headers
from authserver.web import trusted_proxy
from authserver.web.transport import strict_transport

Handler = Callable[[HttpRequest], HttpResponseBase]

log = structlog.get_logger("authserver.web.middleware")

INTERACTION_ID = "x-fapi-interaction-id"
SENT_ID = "HTTP_X_FAPI_INTERACTION_ID"
# As the environment calls them, and as the log does: x-fapi-auth-date is fapi_auth_date there.
TRACED = {
    "HTTP_X_FAPI_AUTH_DATE": "fapi_auth_date",
    "HTTP_X_FAPI_CUSTOMER_IP_ADDRESS": "fapi_customer_ip_address",
    "HTTP_X_FAPI_CUSTOMER_USER_AGENT": "fapi_customer_user_agent",
    "HTTP_X_CUSTOMER_USER_AGENT": "customer_user_agent",
}
LONGEST_TRACED = 200  # our choice: a log line is no place to store what somebody sends
UUID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE
)
HTTPS = 443
AUTHORITY = re.compile(
    r"(?P<name>[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{1,5}))?", re.IGNORECASE
)

# A 303 to another site after a form post is blocked by form-action in Chromium: the journey
# ends on a page of ours instead.
FOR_PAGES = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)
FOR_OPERATORS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)
NO_HEADERS: dict[str, str] = {}
FOR_MACHINES = "default-src 'none'; frame-ancestors 'none'; sandbox"
ON_EVERY_ANSWER = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(),"
        " publickey-credentials-get=(self)"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    # One browser's answer is kept by nobody; JWKS, metadata and static files say otherwise.
    "Cache-Control": "no-store",
}


class InteractionId:
    """Every answer names its request: by the caller's UUID (RFC 4122), or by a new one."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    @case("PR-38")
    @requirement("CBUAE-2.1.13")
    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.META.get(SENT_ID, "")
        chosen = sent if UUID.fullmatch(sent) else str(uuid.uuid4())
        request.interaction_id = chosen  # type: ignore[attr-defined]
        traced = traced_headers(request)
        if sent not in ("", chosen):
            traced["interaction_id_sent"] = sent[:LONGEST_TRACED]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(
            interaction_id=chosen, address=trusted_proxy.client_address(request), **traced
        )
        response = self.get_response(request)
        response[INTERACTION_ID] = chosen
        if traced:
            log.info("request.traced", status=response.status_code)
        return response


@requirement("CBUAE-4.2d")
def traced_headers(request: HttpRequest) -> dict[str, str]:
    """What a client says of the person's side of a call, for the log and for nothing else."""
    meta = request.META
    return {name: meta[key][:LONGEST_TRACED] for key, name in TRACED.items() if meta.get(key)}


class SecurityHeaders:
    """The policies of an answer, by what it is: a page, a page for operators, or data."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    @case("AZ-21", "AZ-23", "HT-14", "HT-15")
    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        transport = strict_transport() if request.is_secure() else NO_HEADERS
        add_headers(response, _prepared(_policy(request, response), *transport.items()))
        return response


def _policy(request: HttpRequest, response: HttpResponseBase) -> str:
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return FOR_MACHINES
    return FOR_OPERATORS if request.path.startswith("/admin/") else FOR_PAGES


@lru_cache(maxsize=16)
def _prepared(policy: str, *transport: tuple[str, str]) -> PreparedHeaders:
    policies = {"Content-Security-Policy": policy, **dict(transport)}
    return prepared_headers({**ON_EVERY_ANSWER, **policies})


class OneHost:
    """Refuse a request that does not name one of our hosts, in the one spelling that each has.

    Django would fall back on the listener's own name where none is named, would not see another
    one in the target, and takes a name with any port, and with a dot behind it.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    @case("HT-02")
    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        target = request.META.get("RAW_URI")  # what the server read; absent in the test client
        if target is not None and ("HTTP_HOST" not in request.META or target[:1] != "/"):
            raise SuspiciousOperation("no host, or two")
        if "HTTP_HOST" in request.META:
            request.META["HTTP_HOST"] = _one_spelling(request.META["HTTP_HOST"])
        request.get_host()  # raises DisallowedHost
        return self.get_response(request)


def _one_spelling(named: str) -> str:
    """The host in lower case, with a port only where one of the bases has it, never that of https.

    Letters have no case in a name, and a port of https says nothing (RFC 9110, 4.2.3). Anything
    else is another name for the same server, and raises SuspiciousOperation.
    """
    authority = AUTHORITY.fullmatch(named)
    port = int(authority["port"] or HTTPS) if authority else -1
    if authority is None or port not in _ports(settings.PUBLIC_BASE, settings.MACHINE_BASE):
        raise SuspiciousOperation("not a host of ours, or not as we write it")
    return authority["name"].lower() + ("" if port == HTTPS else f":{port}")


@cache
def _ports(*bases: str) -> frozenset[int]:
    return frozenset(urlsplit(base).port or HTTPS for base in bases)


class RedirectAfterPost:
    """After a form post the next request is a GET: 303, where Django says 302 (RFC9700-4.12)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    @case("AZ-24")
    @requirement("RFC9700-4.12")
    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
            response.status_code = HTTPStatus.SEE_OTHER
        return response
