"""An authenticator app (RFC 6238), written apart from the server's own arithmetic."""

import base64
import hmac
import struct
import time


class App:
    """The clock of the telephone can be moved by whole steps of thirty seconds."""

    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

    def code(self, *, steps: int = 0, secret: str = "") -> str:
        key = base64.b32decode(secret or self.secret)
        counter = struct.pack(">Q", int(time.time()) // 30 + steps)
        mac = hmac.digest(key, counter, "sha1")
        offset = mac[-1] & 15
        (number,) = struct.unpack(">I", mac[offset : offset + 4])
        return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


def wrong_code() -> str:
    """A code that is right in none of the steps that count now."""
    return next(each for each in ("000000", "000001", "000002", "000003") if is_wrong(each))


def is_wrong(code: str) -> bool:
    return code not in {App().code(steps=step) for step in (-1, 0, 1)}
