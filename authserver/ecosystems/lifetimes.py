"""How short and how long what rows set in seconds may be, whatever a profile says.

A shorter one ends before anybody can use it, a longer one is mistyped. What a profile allows is
less, and asked for by ``clean``; these are held by the database too.
"""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import BaseConstraint, CheckConstraint, PositiveIntegerField, Q

SECONDS = {
    "access_token_seconds": (30, 3600),
    "request_uri_seconds": (5, 599),  # FAPI2-SP-FINAL-5.3.2.2-12
    "authorization_code_seconds": (5, 60),  # FAPI2-SP-FINAL-5.3.2.1-11
    "transaction_seconds": (60, 3600),
}
WAITING_REQUESTS = (1, 1_000_000)


def seconds(name: str, *, help_text: str = "") -> "PositiveIntegerField[int | None, int | None]":
    """The field of this name; empty means as what stands above it says."""
    least, _ = SECONDS[name]
    return PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(least)], help_text=help_text
    )


def between(least: int, most: int) -> list[Any]:
    """Validators of a number, both included."""
    return [MinValueValidator(least), MaxValueValidator(most)]


def is_sensible(name: str, limits: tuple[int, int], *, of: str) -> CheckConstraint:
    """The database's own limits, both included, of a field of the model ``of``."""
    least, most = limits
    return CheckConstraint(
        condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": limits}),
        name=f"{of}_{name}_is_sensible",
        violation_error_message=f"{name} is not between {least} and {most}.",
    )


OF_AN_ECOSYSTEM: list[BaseConstraint] = [
    is_sensible(name, limits, of="ecosystem")
    for name, limits in {**SECONDS, "pushed_requests_per_client": WAITING_REQUESTS}.items()
]
