"""HTTP requests to addresses that somebody else chose, such as a client's JWKS URI.

https only, public addresses only, one DNS lookup whose answer is also what we connect to, no
redirect, one deadline for everything, small answers, JSON only, and few callers waiting at once.
What is signed itself, such as a CRL, is no JSON and may also come by http.
"""

from authserver.outbound.database import TransactionIsOpen, let_go_of_the_database
from authserver.outbound.faults import Busy, OutboundError
from authserver.outbound.fetch import Fetched, fault_in, fetch_json, fetch_signed
from authserver.outbound.lanes import is_busy, try_again, waiting
from authserver.outbound.target import target_of

__all__ = [
    "Busy",
    "Fetched",
    "OutboundError",
    "TransactionIsOpen",
    "fault_in",
    "fetch_json",
    "fetch_signed",
    "is_busy",
    "let_go_of_the_database",
    "target_of",
    "try_again",
    "waiting",
]
