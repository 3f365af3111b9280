"""The proxy in front of us, if there is one: what it says about a connection is believed.

Nothing that names a person, a client or a URL is taken from any other peer's headers.
"""

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

from authserver.protocol.requirements import case

ADDRESS_HEADER = "HTTP_X_REAL_IP"
BY_SOCKET = "unix"


@case("MT-05")
def is_the_peer(request: HttpRequest) -> bool:
    """True if the request came through the proxy that ``TRUSTED_PROXY`` names.

    ``unix`` means the UNIX socket, which only the proxy may open and whose peer has no address;
    anything else is the proxy's own address.
    """
    trusted = settings.TRUSTED_PROXY
    peer = request.META.get("REMOTE_ADDR", "")
    return bool(trusted) and peer == ("" if trusted == BY_SOCKET else trusted)


@case("HT-10")
def client_address(request: HttpRequest) -> str:
    """The address that the connection came from; empty where the proxy named none."""
    if not is_the_peer(request):
        return str(request.META.get("REMOTE_ADDR", ""))
    return _one_spelling(request.META.get(ADDRESS_HEADER, ""))


@lru_cache(maxsize=1024)
def _one_spelling(named: str) -> str:
    try:
        return str(ipaddress.ip_address(named))
    except ValueError:
        return ""
