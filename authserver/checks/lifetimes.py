"""Lifetimes of the database that the profile of their ecosystem cuts short."""

from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register

from authserver.checks.database import where_there_are_tables
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.requirements import requirement


@register(Tags.security, deploy=True)
@where_there_are_tables
@requirement("CBUAE-4.2a")
def lifetimes_are_within_the_profile(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Written by another way than the form, or left over from another profile or version."""
    return [
        Warning(
            f"{ecosystem.slug}: {name} is longer than its profile allows, which counts instead",
            hint=f"Correct it on the page of the ecosystem. {sentence}",
            id="authserver.W004",
        )
        for ecosystem in Ecosystem.objects.filter(Ecosystem.ALIVE.q())
        for name, sentence in ecosystem.limits_beyond_the_profile().items()
    ]
