"""The scopes of the deployment, for the toolkit's own lists: those of all ecosystems."""

from typing import Any

from oauth2_provider.scopes import BaseScopes

from authserver.ecosystems.models import Ecosystem


class RegisteredScopes(BaseScopes):
    """Scope name to its sentence. Nothing is a default: a client names what it wants."""

    def get_all_scopes(self) -> dict[str, str]:
        sentences: dict[str, str] = {}
        for scopes in Ecosystem.objects.values_list("scopes", flat=True):
            sentences |= scopes
        return sentences

    def get_available_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return list(self.get_all_scopes())

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return []
