"""HTTP requests to addresses that somebody else chose, such as a client's JWKS URI.

https only, public addresses only, one DNS lookup whose answer is also what we connect to, no
redirect, one deadline for everything, small answers, JSON only.
"""

from authserver.outbound.faults import OutboundError
from authserver.outbound.fetch import Fetched, fault_in, fetch_json
from authserver.outbound.target import target_of

__all__ = ["Fetched", "OutboundError", "fault_in", "fetch_json", "target_of"]
