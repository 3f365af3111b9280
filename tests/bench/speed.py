"""How fast the machine is while it is measured: a fixed piece of work, done again and again.

A second of CPU is not always the same amount of work: two processors may be two halves of one core,
and a host has other guests. So the driver does this now and then between two requests, and what
servers used is counted in its terms.
"""

import asyncio
import base64
import hashlib
import json
import re
import statistics
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

# What one piece of work takes on the machine that figures are given for, when nothing else runs.
REFERENCE_US = 1380.0
PAUSE = 0.08  # seconds between two of them
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
HEADER = re.compile(r"(?i)^content-type:\s*([\w/+.-]+)", re.MULTILINE)
ROUNDS = 50  # of the interpreter's part, which takes about as long as the signature
CLAIMS = {
    "iss": "https://as.example.com/bench",
    "client_id": "tpp",
    "scope": "openid accounts",
    "cnf": {"x5t#S256": "q" * 43},
    "authorization_details": [{"type": "patient-record-access", "actions": ["read", "export"]}],
}


class Speed:
    """Measures itself as a task of the driver's loop."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def once(self) -> float:
        """Do the work; return the µs of CPU that it took."""
        began = time.thread_time_ns()
        self._key.sign(b"as much as a token", PSS, hashes.SHA256())
        for number in range(ROUNDS):
            text = json.dumps(CLAIMS | {"jti": f"{number:032}"})
            digest = hashlib.sha256(text.encode()).digest()
            read = json.loads(text) | {"at_hash": base64.urlsafe_b64encode(digest).decode()}
            HEADER.search("Server: x\r\nContent-Type: application/json\r\n\r\n")
            dict(zip(read, map(str, read.values()), strict=True))
        return (time.thread_time_ns() - began) / 1000

    async def watch(self, taken: list[float]) -> None:
        """Do the work every 80 ms until cancelled, and add to ``taken`` what each one took."""
        while True:
            await asyncio.sleep(PAUSE)
            taken.append(self.once())


def typical(taken: list[float]) -> float:
    """The mean without the twentieth at each end: what was interrupted says nothing."""
    ordered = sorted(taken)
    cut = len(ordered) // 20
    return statistics.fmean(ordered[cut : len(ordered) - cut])
