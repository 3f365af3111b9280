"""The only exceptions that leave this package."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from authserver.protocol.strict_json import BadJSON

P = ParamSpec("P")
R = TypeVar("R")


class BadJOSE(ValueError):
    """A token or a key that we do not accept. Says which class of fault, never the input."""


class WrongType(BadJOSE):
    """The typ of the header is not one of what the token is used as."""


def only_bad_jose(function: Callable[P, R]) -> Callable[P, R]:
    """Let no other exception out of the function, and with it nothing of the input.

    What a library raises over hostile input changes with its version, and some of it carries
    the whole document. So the exception is made anew outside the handler: it has no context.
    """

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        kind = BadJOSE
        try:
            return function(*args, **kwargs)
        except BadJOSE as error:
            kind, fault = type(error), str(error)
        except BadJSON as error:
            fault = str(error)
        except Exception as error:  # noqa: BLE001
            fault = type(error).__name__
        raise kind(fault)

    return guarded
