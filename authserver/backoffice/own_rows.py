"""Nobody acts on themselves: an operator's own account and the rows about it are a colleague's."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from authserver.accounts.models import User
from authserver.protocol.requirements import case

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin

OWN = "Nobody does this for themselves: a colleague does."


class NotOnOneself(Base):
    """Which rows are about the operator follows from the columns of the model, for every page."""

    @case("AD-03", "AD-13")
    def is_own(self, request: HttpRequest, row: Any) -> bool:
        """True for the operator's own account and for every row that refers to it.

        Nobody acts on such a row: a colleague does.
        """
        if row is None:
            return False
        refers = [each for each in row._meta.concrete_fields if each.related_model is User]
        own = row.pk if isinstance(row, User) else None
        return bool(request.user.pk) and request.user.pk in {
            own,
            *(getattr(row, each.attname) for each in refers),
        }

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not self.is_own(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The operator is nobody whom a row can be made for."""
        if db_field.related_model is User:
            kwargs["queryset"] = User.objects.exclude(pk__in=[request.user.pk])
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.related_model is User:
            field.error_messages["invalid_choice"] = OWN
        return field
