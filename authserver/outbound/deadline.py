"""One deadline for a whole request: a byte a second must not keep a worker."""

import time

from authserver.outbound.faults import OutboundError


class Deadline:
    """Starts to run when it is made; ``seconds`` from then it has passed."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, or raise OutboundError."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise OutboundError("it took too long")
        return left
