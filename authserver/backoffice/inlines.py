"""Rows of another page, listed on this one."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from authserver.protocol.requirements import case

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline


class ReadOnlyInline(TabularInline):
    """No formset of theirs is read from a post."""

    extra = 0
    max_num = 0
    can_delete = False

    @case("AD-04")
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
