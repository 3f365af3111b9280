"""The only exceptions that leave this package."""


class OutboundError(Exception):
    """Nothing was fetched. ``reason`` is a fixed phrase and shows nothing of the answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class HostFailed(OutboundError):
    """The host did not answer, or not in time."""


class Busy(OutboundError):
    """Nobody was asked: too much is being fetched, or the host is left alone for a while."""
