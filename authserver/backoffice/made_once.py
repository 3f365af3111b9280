"""The admin page of rows that an action makes of what was typed, and that nobody changes."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from authserver.backoffice.model_admin import OperatorAdmin


class MadeOnceAdmin(OperatorAdmin):
    """``typed`` are the fields of the form, ``shown`` what is shown of the row afterwards."""

    typed: Sequence[str]
    shown: Sequence[str]

    @abstractmethod
    def make(self, typed: Mapping[str, Any], *, by: str) -> Model:
        """Make and store the row; it is not saved again."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown if obj else self.typed

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown if obj else ()

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return self.make(form.cleaned_data, by=request.user.get_username())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The action stored it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing hangs on it."""
