"""``make codes``: who can sign in, and with which six digits at this moment."""

import os
import sys
import time
from collections.abc import Iterator

from deploy.demo import credentials, folders
from deploy.demo.sandbox_kit import Kit
from deploy.local.authorization_server import TOP


def of(kit: Kit, *, at: float) -> Iterator[str]:
    """Yield a line for each person and for the operator: name, password, TOTP secret, code."""
    for person in (*kit.people.values(), kit.operator):
        code = credentials.totp_code(person["totp_secret"], at=at)
        yield f"{person['username']:9} {person['password']:34} {person['totp_secret']}  {code}"


def main() -> str | None:
    path = folders.folder(os.environ, top=TOP) / "sandbox" / "sandbox.json"
    if not path.exists():
        return "There is no demo yet: make demo"
    now = time.time()
    left = credentials.TOTP_PERIOD - now % credentials.TOTP_PERIOD
    print(f"The codes change in {left:.0f} seconds; each is good for one sign-in.")
    for line in of(Kit.read(path), at=now):
        print(line)
    return None


if __name__ == "__main__":
    sys.exit(main())
