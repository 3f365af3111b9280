"""Which URLs we are willing to fetch, judged before anything is looked up."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from authserver.outbound.faults import OutboundError
from authserver.protocol.requirements import case

LONGEST = 2_000
PLAIN = re.compile(r"[\x21-\x7e]+")  # urlsplit would drop CR, LF and TAB without a word
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{LABEL}(?:\.{LABEL})*")
A_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")  # resolvers read 2130706433 and 0x7f.1 as IPv4
PORTS = {"https": 443, "http": 80}
SYSTEM_PORTS = range(1024)
OTHER_PROTOCOLS = frozenset(
    {1433, 1521, 2049, 2181, 2375, 2376, 2379, 3306, 3389, 5432, 5672, 5900, 5984, 6379}
    | {6667, 8086, 9042, 9092, 9200, 9300, 11211, 27017}
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect and what to ask for: the path with its query."""

    scheme: str
    host: str
    port: int
    path: str


@case("JW-03", "JW-07")
def target_of(url: str, *, allowed_hosts: tuple[str, ...] = (), plain_http: bool = False) -> Target:
    """Return where the URL points to, or raise OutboundError.

    ``allowed_hosts`` may also be addresses; other hosts are names, never numbers. ``plain_http``
    is for what proves itself by a signature of its own, and takes http beside https.
    """
    if len(url) > LONGEST or not PLAIN.fullmatch(url) or "\\" in url or "#" in url:
        raise OutboundError("the URL has characters that are not allowed")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise OutboundError("the URL cannot be read") from None
    schemes = ("https", "http") if plain_http else ("https",)
    scheme = parts.scheme
    if scheme not in schemes or not url.startswith(f"{scheme}://"):
        raise OutboundError(f"the URL is not {' or '.join(schemes)}")
    if "@" in parts.netloc:
        raise OutboundError("the URL names a user")
    port = PORTS[scheme] if port is None else port
    if port != PORTS[scheme] and (port in SYSTEM_PORTS or port in OTHER_PROTOCOLS):
        raise OutboundError("the port is one of another protocol")
    if host not in allowed_hosts:
        _require_a_name(host)
    path = parts.path or "/"
    asked = f"{path}?{parts.query}" if parts.query else path
    return Target(scheme=scheme, host=host, port=port, path=asked)


def _require_a_name(host: str) -> None:
    if len(host) > 253 or not HOST.fullmatch(host):
        raise OutboundError("the host is not a plain name")
    if A_NUMBER.fullmatch(host.rpartition(".")[2]):
        raise OutboundError("the host is an address, not a name")
