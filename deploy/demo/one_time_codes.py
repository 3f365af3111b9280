"""The journeys' own authenticator: it never shows a code twice, so that no try is wasted.

A code counts once, and few wrong ones in a row lock a person out for minutes. So the last step
that was used is kept in a file, over runs.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.demo.credentials import TOTP_PERIOD, totp_code

AHEAD = 1  # steps; servers accept the next code already, since clocks differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """``path`` keeps the last step of each person; ``sleep`` and ``now`` are the world's."""

    path: Path
    now: Callable[[], float] = field(default=time.time)
    sleep: Callable[[float], None] = field(default=time.sleep)

    def wait_for(self, username: str) -> float:
        """Return the seconds until there is a code that was not used yet."""
        step = self._next_step(username)
        return max(0.0, (step - AHEAD) * TOTP_PERIOD - self.now())

    def code(self, username: str, *, secret: str) -> str:
        """Return a code that was not used yet, after waiting for it where that must be."""
        self.sleep(self.wait_for(username))
        step = self._next_step(username)
        self.path.write_text(json.dumps({**self._used(), username: step}))
        return totp_code(secret, at=step * TOTP_PERIOD)

    def _next_step(self, username: str) -> int:
        return max(int(self.now() // TOTP_PERIOD), self._used().get(username, 0) + 1)

    def _used(self) -> dict[str, int]:
        used: dict[str, int] = json.loads(self.path.read_text()) if self.path.exists() else {}
        return used
