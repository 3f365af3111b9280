from django.apps import AppConfig


class ServerConfig(AppConfig):
    """The server itself: its system checks."""

    name = "authserver"
    label = "authserver"
    verbose_name = "Authorization server"

    def ready(self) -> None:
        from authserver import checks  # noqa: F401  registers the checks
