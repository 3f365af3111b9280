"""Times in a JWT: seconds since 1970, whole or not (RFC 7519, 2)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()  # what follows has no date


class BadTime(ValueError):
    """A time that is no number, or that is no date. Says which claim, never its value."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds since 1970; None where the claim is absent."""

    exp: float | None
    nbf: float | None
    iat: float | None

    @classmethod
    def of(cls, claims: Mapping[str, Any]) -> Self:
        """Read the times of a token, or raise BadTime. A true, a text or a null is no time."""
        return cls(*(_seconds(claims, name) for name in ("exp", "nbf", "iat")))


def written(moment: datetime) -> int:
    """The moment as we write it."""
    return int(moment.timestamp())


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadTime(f"{name} is not a number")
    if not -LATEST < value < LATEST:
        raise BadTime(f"{name} is beyond every date")
    return float(value)
