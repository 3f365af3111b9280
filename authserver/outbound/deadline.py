"""One deadline for a whole request: a byte a second must not keep a worker."""

import time

from authserver.outbound.faults import HostFailed


class Deadline:
    """Starts to run when it is made; ``seconds`` from then it has passed."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, or raise HostFailed."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise HostFailed("it took too long")
        return left
