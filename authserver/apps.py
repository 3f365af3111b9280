from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate


class ServerConfig(AppConfig):
    """The server itself: its system checks, and what its database does of itself."""

    name = "authserver"
    label = "authserver"
    verbose_name = "Authorization server"

    def ready(self) -> None:
        from authserver import checks  # noqa: F401  registers the checks

        post_migrate.connect(install_triggers, sender=apps.get_app_config("clients"))


def install_triggers(*, using: str, plan: Any = None, **kwargs: Any) -> None:
    """After ``migrate``, as far as it went: every trigger that versions need is there.

    A test that empties the tables sends the same signal, without a plan.
    """
    from authserver.storage import triggers
    from clients.versions import VERSIONED

    if plan is not None and triggers.have_columns(VERSIONED, connections[using]):
        triggers.install(VERSIONED, connections[using])
