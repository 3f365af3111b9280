"""Codes and tokens, to be looked at: by what they are for, never by their value.

What is stored is a digest; even that is shown in part, and no search or filter asks for it.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from authserver.accounts.models import User
from authserver.backoffice.html import as_json, change_link
from authserver.backoffice.model_admin import ReadOnlyAdmin
from authserver.backoffice.newest_first import NewestFirst
from authserver.backoffice.searches import by_uuid, of_row
from authserver.protocol.requirements import case
from clients.models import Client

SHOWN = 12  # characters of a digest: enough to tell two rows apart


class HandleAdmin(NewestFirst, ReadOnlyAdmin):
    """Issued by the token endpoint; ended by revoking it, its consent or its client."""

    when_empty = "Clients get them from the endpoints; nobody makes one here."
    list_filter = ("application__ecosystem",)
    list_select_related = ("application__ecosystem", "user")
    listed_by = "pk"
    searches = (
        by_uuid("consent id", "consent"),
        of_row("client id", "application", lambda typed: Client.objects.filter(client_id=typed)),
        of_row("username", "user", lambda typed: User.objects.filter(username__iexact=typed)),
    )
    digest_column = "token_checksum"

    @case("AD-12")
    @admin.display(description="digest")
    def digest(self, row: Any) -> str:
        return f"{getattr(row, self.digest_column)[:SHOWN]}..."

    @admin.display(description="client")
    def of_client(self, row: Any) -> SafeString:
        return change_link(row.application)

    @admin.display(description="consent")
    def of_consent(self, row: Any) -> SafeString:
        return change_link(row.consent)

    @admin.display(description="authorization_details")
    def details(self, row: Any) -> SafeString:
        return as_json(row.authorization_details)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or ()


class AuthorizationCodeAdmin(HandleAdmin):
    digest_column = "code"
    list_display = ("digest", "application", "user", "created", "expires", "used_at", "replayed_at")
    fields = (
        "digest",
        "of_client",
        "user",
        "of_consent",
        "scope",
        "details",
        "redirect_uri",
        "auth_time",
        "acr",
        "created",
        "expires",
        "used_at",
        "replayed_at",
    )


class AccessTokenAdmin(HandleAdmin):
    list_display = ("digest", "application", "user", "scope", "created", "expires", "revoked_at")
    fields = (
        "digest",
        "of_client",
        "user",
        "subject",
        "of_consent",
        "scope",
        "details",
        "binding",
        "auth_time",
        "acr",
        "created",
        "expires",
        "revoked_at",
    )

    @admin.display(description="bound to")
    def binding(self, row: Any) -> SafeString:
        return as_json(row.cnf)


class RefreshTokenAdmin(HandleAdmin):
    list_display = ("digest", "application", "user", "scope", "created", "expires", "revoked")
    fields = (
        "digest",
        "of_client",
        "user",
        "of_consent",
        "scope",
        "details",
        "auth_time",
        "acr",
        "created",
        "expires",
        "revoked",
    )


class IDTokenAdmin(ReadOnlyAdmin):
    """The toolkit registers it; there are none, so nobody is shown the page."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
