"""Numbers of the settings: between what is still useful and what is still meant."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

TEN_YEARS = 3653  # days
DAY = 86_400  # seconds

# The setting of the same name without AUTHSERVER_: least, most.
LIMITS = {
    "AUTHSERVER_DATABASE_POOL": (1, 1000),
    "AUTHSERVER_GUESSES_PER_MINUTE": (0, 100_000),
    "AUTHSERVER_LOGIN_RETENTION_DAYS": (1, TEN_YEARS),
    "AUTHSERVER_OPERATOR_IDLE_SECONDS": (60, DAY),
    "AUTHSERVER_OUTBOUND_AT_ONCE": (1, 1000),
    "AUTHSERVER_PASSWORDS_AT_ONCE": (1, 100),
    "AUTHSERVER_PUSHES_PER_SECOND": (0, 100_000),
    "AUTHSERVER_REFUSAL_RETENTION_DAYS": (1, TEN_YEARS),
    "AUTHSERVER_SESSION_IDLE_SECONDS": (60, DAY),
    "AUTHSERVER_SIGN_INS_PER_MINUTE": (1, 100_000),
    "AUTHSERVER_TRAFFIC_RETENTION_DAYS": (1, TEN_YEARS),
    "AUTHSERVER_TOKEN_RETENTION_DAYS": (1, TEN_YEARS),
}


@register(Tags.security)
def numbers_are_sensible(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A login that never ends and a record that is deleted at once are mistyped."""
    return [
        Error(
            f"{variable} is not between {least} and {most}",
            hint="Look up what it counts in docs/settings.md, or leave it out.",
            id="authserver.E009",
        )
        for variable, (least, most) in LIMITS.items()
        if not least <= getattr(settings, variable.removeprefix("AUTHSERVER_")) <= most
    ]
