"""The start of a server: it loads what serves, and does not serve where that would be unsafe."""

import sys
from functools import cache

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from authserver.loading import leave_no_connection, load_django, loading
from authserver.protocol.requirements import case

# What a worker of gunicorn ends with that must not be started again.
EXIT_STATUS = 3


def start_safely(*, behind_a_proxy: bool | None = None) -> None:
    """Set Django up; end this process with reasons on its standard error where it is unsafe.

    ``behind_a_proxy`` is what the caller knows of the front, if anything.
    """
    reasons = _reasons()
    if not reasons and behind_a_proxy is not None:
        reasons = _another_front(behind_a_proxy=behind_a_proxy)
    if reasons:
        lines = ["The server does not start, since it would not be safe or could not serve:"]
        for each in reasons:
            lines += [f"  {each.id}  {each.msg}", f"    {each.hint}"]
        sys.stderr.write("\n".join(lines) + "\n")
        raise SystemExit(EXIT_STATUS)


@cache
def _reasons() -> list[CheckMessage]:
    """Looked for once in a process: a reload must not end a server that runs."""
    try:
        load_django()
    except (ImproperlyConfigured, ValueError) as fault:
        return [_unreadable(fault)]
    from authserver.checks import unsafe_starts

    try:
        with loading():
            return unsafe_starts()
    finally:
        leave_no_connection()


@case("MT-02", "MT-05")
def _another_front(*, behind_a_proxy: bool) -> list[CheckMessage]:
    """With another front than the settings say, a header is believed that anybody may send."""
    from django.conf import settings

    if bool(settings.TRUSTED_PROXY) is behind_a_proxy:
        return []
    return [
        Error(
            "AUTHSERVER_TRUSTED_PROXY does not fit this configuration of gunicorn",
            hint="Set it behind nginx (deploy/gunicorn.nginx.conf.py), and leave it out where TLS"
            " ends in gunicorn (deploy/gunicorn.conf.py).",
            id="authserver.E016",
        )
    ]


def _unreadable(fault: Exception) -> CheckMessage:
    """What could not be read may be a secret: only Django's own sentence is repeated."""
    sentence = str(fault) if isinstance(fault, ImproperlyConfigured) else "one is of the wrong type"
    return Error(
        f"the settings cannot be read: {sentence}",
        hint="Set it in the environment, as docs/settings.md says.",
        id="authserver.E015",
    )
