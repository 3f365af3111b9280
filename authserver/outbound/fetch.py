"""GET of a small document: JSON, or octets that prove themselves."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpcore
from django.conf import settings

from authserver.outbound.addresses import addresses_of
from authserver.outbound.connection import CheckedAddresses, tls_context
from authserver.outbound.deadline import Deadline
from authserver.outbound.faults import HostFailed, OutboundError
from authserver.outbound.lanes import fetching
from authserver.outbound.target import Target, target_of
from authserver.protocol import strict_json
from authserver.protocol.requirements import case

TOTAL = 4.0  # seconds, our choice: name, connection, TLS and the whole answer
JSON_TYPE = re.compile(r'application/(?:[a-z0-9.-]+\+)?json(?:; ?charset="?utf-8"?)?')
OURS = {"Accept-Encoding": "identity", "User-Agent": "authserver"}
HeadersCheck = Callable[[int, Mapping[str, str]], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """``json`` is what the answer says; header names are in lower case."""

    status: int
    json: Any
    headers: Mapping[str, str]


@case("JW-27")
def fault_in(url: str) -> str:
    """Why the URL would never be fetched, wherever its host may be; empty if it would.

    For whoever stores a URL that is fetched later: it is held to the rules of ``fetch_json``.
    """
    try:
        target_of(url, allowed_hosts=tuple(settings.OUTBOUND_ALLOWED_HOSTS))
    except OutboundError as error:
        return error.reason
    return ""


@case("JW-06", "JW-10", "JW-11", "JW-12")
def fetch_json(
    url: str, *, max_bytes: int = 65_536, headers: Mapping[str, str] | None = None
) -> Fetched:
    """Return the JSON document at the URL, or raise OutboundError with a reason.

    Only an answer 200 with a JSON type counts; a redirect is not followed. It never takes longer
    than ``TOTAL`` seconds. Hosts of ``OUTBOUND_ALLOWED_HOSTS`` may be on any network.
    """
    target = _target(url)
    sent = OURS | {"Accept": "application/json"} | dict(headers or {})
    answer = _get(target, sent, check=_require_json, max_bytes=max_bytes, seconds=TOTAL)
    try:
        return Fetched(
            status=answer.status,
            json=strict_json.loads(answer.body, longest=max_bytes),
            headers=answer.headers,
        )
    except strict_json.BadJSON:
        raise OutboundError("the answer is not sound JSON") from None


@case("JW-27")
def fetch_signed(url: str, *, accept: str, max_bytes: int, seconds: float) -> bytes:
    """Return the octets at the URL, or raise OutboundError with a reason.

    Only for what is signed and verified by the caller, such as a CRL: http is permitted beside
    https, and the type that the answer claims decides nothing. All else is as for JSON.
    """
    target = _target(url, plain_http=True)
    sent = OURS | {"Accept": accept}
    return _get(target, sent, check=_require_plain, max_bytes=max_bytes, seconds=seconds).body


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def _target(url: str, *, plain_http: bool = False) -> Target:
    allowed = tuple(settings.OUTBOUND_ALLOWED_HOSTS)
    return target_of(url, allowed_hosts=allowed, plain_http=plain_http)


def _get(
    target: Target,
    headers: Mapping[str, str],
    *,
    check: HeadersCheck,
    max_bytes: int,
    seconds: float,
) -> _Answer:
    with fetching(target.host, seconds=seconds):
        return _answer(target, headers, check, max_bytes, Deadline(seconds))


def _answer(
    target: Target,
    headers: Mapping[str, str],
    check: HeadersCheck,
    max_bytes: int,
    deadline: Deadline,
) -> _Answer:
    addresses = addresses_of(
        target.host,
        target.port,
        any_network=target.host in settings.OUTBOUND_ALLOWED_HOSTS,
        deadline=deadline,
    )
    try:
        return _exchange(target, addresses, deadline, headers, check, max_bytes)
    except httpcore.TimeoutException:
        raise HostFailed("it took too long") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
        raise HostFailed("the connection broke") from None


def _exchange(
    target: Target,
    addresses: list[str],
    deadline: Deadline,
    headers: Mapping[str, str],
    check: HeadersCheck,
    max_bytes: int,
) -> _Answer:
    url = httpcore.URL(
        scheme=target.scheme.encode(),
        host=target.host.encode(),
        port=target.port,
        target=target.path.encode(),
    )
    with (
        httpcore.ConnectionPool(
            ssl_context=tls_context(settings.OUTBOUND_CA_FILE),
            network_backend=CheckedAddresses(addresses, deadline),
        ) as pool,
        pool.stream("GET", url, headers=list(headers.items())) as response,
    ):
        received = _headers(response)
        check(response.status, received)
        return _Answer(response.status, received, _body(response, max_bytes))


def _headers(response: httpcore.Response) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _require_json(status: int, headers: Mapping[str, str]) -> None:
    _require_plain(status, headers)
    if not JSON_TYPE.fullmatch(headers.get("content-type", "").strip().lower()):
        raise OutboundError("the answer has no JSON type")


def _require_plain(status: int, headers: Mapping[str, str]) -> None:
    if status != 200:
        raise OutboundError(f"the answer has the status {status}")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise OutboundError("the answer is compressed")  # it could be a bomb


def _body(response: httpcore.Response, max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > max_bytes:
            raise OutboundError("the answer is too large")
    return bytes(body)
