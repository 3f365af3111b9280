"""HTTP requests to addresses that somebody else chose, such as a client's JWKS URI.

https only, public addresses only, one DNS lookup whose answer is also what we connect to, no
redirect, one deadline for everything, small answers, JSON only. What is signed itself, such as a
CRL, is no JSON and may also come by http.
"""

from authserver.outbound.faults import OutboundError
from authserver.outbound.fetch import Fetched, fault_in, fetch_json, fetch_signed
from authserver.outbound.target import target_of

__all__ = ["Fetched", "OutboundError", "fault_in", "fetch_json", "fetch_signed", "target_of"]
