from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People: who they are, how they sign in."""

    name = "authserver.accounts"
    label = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        from authserver.accounts import signals  # noqa: F401  connects the receivers
