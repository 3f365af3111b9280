"""System checks: an unsafe start is refused, each with an id and a hint.

They are registered with Django, so that ``manage.py check --deploy`` prints them, and
``unsafe_starts`` is what a server asks before it serves (see authserver/start.py).
"""

from django.core.checks import CheckMessage, Error, Tags, run_checks

from authserver.checks import database, lifetimes, names, numbers, published, stored_secrets
from authserver.checks import secrets as strength

__all__ = ["database", "lifetimes", "names", "numbers", "published", "stored_secrets", "strength"]


def unsafe_starts() -> list[CheckMessage]:
    """Every reason not to serve; empty where it is safe.

    What a settings module silences does not count, except that names.nothing_is_silenced does.
    """
    messages = run_checks(tags=[Tags.security], include_deployment_checks=True)
    return [
        each
        for each in messages
        if isinstance(each, Error) and (each.id == names.SILENCED or not each.is_silenced())
    ]
