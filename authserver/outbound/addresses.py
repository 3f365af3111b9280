"""Which addresses a name stands for, and whether they are of the public Internet."""

import ipaddress
import queue
import socket
import threading

from authserver.outbound.deadline import Deadline
from authserver.outbound.faults import Busy, HostFailed, OutboundError
from authserver.protocol.requirements import case

MOST_LOOKUPS = 8  # at once in this process: a resolver that does not answer holds a thread each
MOST_ADDRESSES = 8
LOOKUPS = threading.BoundedSemaphore(MOST_LOOKUPS)

# IANA's registry of special addresses; Python's own list differs from version to version.
NOT_PUBLIC_IPV4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
        ),
    )
)
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # and so no mapped, NAT64 or local address
NOT_PUBLIC_IPV6 = tuple(
    map(
        ipaddress.IPv6Network,
        ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),  # Teredo, documentation, 6to4
    )
)


@case("JW-02", "JW-05")
def addresses_of(host: str, port: int, *, any_network: bool, deadline: Deadline) -> list[str]:
    """Look the name up once; return its addresses, or raise OutboundError.

    Unless ``any_network``, all of them must be public: with one that is not, the name is a trap.
    """
    addresses = list(dict.fromkeys(_lookup(host, port, deadline)))[:MOST_ADDRESSES]
    if not addresses:
        raise HostFailed("the host has no address")
    if not any_network and not all(map(is_public, addresses)):
        raise OutboundError("the host is not on the public Internet")
    return addresses


def is_public(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in NOT_PUBLIC_IPV4)
    return parsed in GLOBAL_UNICAST and not any(parsed in each for each in NOT_PUBLIC_IPV6)


def resolve(host: str, port: int) -> list[str]:
    """What the system's resolver says; it takes as long as it likes."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in entries]


@case("JW-10")
def _lookup(host: str, port: int, deadline: Deadline) -> list[str]:
    """Ask in a thread of its own, since the resolver knows no deadline."""
    lookups = LOOKUPS
    if not lookups.acquire(blocking=False):
        raise Busy("too many names are being looked up")
    answers: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
    threading.Thread(target=_ask, args=(host, port, answers, lookups), daemon=True).start()
    try:
        return answers.get(timeout=deadline.left())
    except queue.Empty:
        raise HostFailed("it took too long") from None


def _ask(
    host: str,
    port: int,
    answers: "queue.SimpleQueue[list[str]]",
    lookups: threading.BoundedSemaphore,
) -> None:
    try:
        answers.put(resolve(host, port))
    except (OSError, UnicodeError):
        answers.put([])
    finally:
        lookups.release()
