"""The only exception that leaves this package."""


class OutboundError(Exception):
    """Nothing was fetched. ``reason`` is a fixed phrase and shows nothing of the answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
