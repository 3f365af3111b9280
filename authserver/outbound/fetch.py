"""GET of a small JSON document."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpcore
from django.conf import settings

from authserver import strict_json
from authserver.outbound.addresses import addresses_of
from authserver.outbound.connection import CheckedAddresses, tls_context
from authserver.outbound.deadline import Deadline
from authserver.outbound.faults import OutboundError
from authserver.outbound.target import Target, target_of
from authserver.requirements import requirement

TOTAL = 4.0  # seconds, our choice: name, connection, TLS and the whole answer
JSON_TYPE = re.compile(r'application/(?:[a-z0-9.-]+\+)?json(?:; ?charset="?utf-8"?)?')
OURS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "authserver"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """``json`` is what the answer says; header names are in lower case."""

    status: int
    json: Any
    headers: Mapping[str, str]


@requirement("JW-27")
def fault_in(url: str) -> str:
    """Why the URL would never be fetched, wherever its host may be; empty if it would.

    For whoever stores a URL that is fetched later: it is held to the rules of ``fetch_json``.
    """
    try:
        target_of(url, allowed_hosts=tuple(settings.OUTBOUND_ALLOWED_HOSTS))
    except OutboundError as error:
        return error.reason
    return ""


@requirement("JW-06", "JW-10", "JW-11", "JW-12")
def fetch_json(
    url: str, *, max_bytes: int = 65_536, headers: Mapping[str, str] | None = None
) -> Fetched:
    """Return the JSON document at the URL, or raise OutboundError with a reason.

    Only an answer 200 with a JSON type counts; a redirect is not followed. It never takes longer
    than ``TOTAL`` seconds. Hosts of ``OUTBOUND_ALLOWED_HOSTS`` may be on any network.
    """
    allowed = tuple(settings.OUTBOUND_ALLOWED_HOSTS)
    target = target_of(url, allowed_hosts=allowed)
    deadline = Deadline(TOTAL)
    addresses = addresses_of(
        target.host, target.port, any_network=target.host in allowed, deadline=deadline
    )
    try:
        return _get(target, addresses, deadline, OURS | dict(headers or {}), max_bytes)
    except httpcore.TimeoutException:
        raise OutboundError("it took too long") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
        raise OutboundError("the connection broke") from None


def _get(
    target: Target,
    addresses: list[str],
    deadline: Deadline,
    headers: Mapping[str, str],
    max_bytes: int,
) -> Fetched:
    url = httpcore.URL(
        scheme=b"https", host=target.host.encode(), port=target.port, target=target.path.encode()
    )
    with (
        httpcore.ConnectionPool(
            ssl_context=tls_context(settings.OUTBOUND_CA_FILE),
            network_backend=CheckedAddresses(addresses, deadline),
        ) as pool,
        pool.stream("GET", url, headers=list(headers.items())) as response,
    ):
        received = _headers(response)
        _hold_to_json(response.status, received)
        body = _body(response, max_bytes)
    try:
        return Fetched(status=response.status, json=strict_json.loads(body), headers=received)
    except strict_json.BadJSON:
        raise OutboundError("the answer is not sound JSON") from None


def _headers(response: httpcore.Response) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _hold_to_json(status: int, headers: Mapping[str, str]) -> None:
    if status != 200:
        raise OutboundError(f"the answer has the status {status}")
    if not JSON_TYPE.fullmatch(headers.get("content-type", "").strip().lower()):
        raise OutboundError("the answer has no JSON type")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise OutboundError("the answer is compressed")  # it could be a bomb


def _body(response: httpcore.Response, max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > max_bytes:
            raise OutboundError("the answer is too large")
    return bytes(body)
