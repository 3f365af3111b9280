"""What a part of the server raises that has no room left: the answer is 503 and "try again"."""


class ServerIsBusy(Exception):
    """``retry_after`` is in seconds."""

    retry_after = 1
