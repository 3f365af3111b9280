"""The operators' site: who is let in, in which order things stand, what the start page shows."""

import re
from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import translation

from authserver.accounts import acr, decorators
from authserver.dashboard import start
from authserver.dashboard.profiles import profile_tables
from authserver.dashboard.reference import by_reference
from authserver.dashboard.server_certificate import own_certificate
from authserver.protocol.requirements import case

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

# The order of the work: from the ecosystem to what it hands out.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Ecosystems": (
        "ecosystems.ecosystem",
        "ecosystems.trustanchor",
        "ecosystems.revocationlist",
    ),
    "Participants": ("clients.participant",),
    "Clients": ("clients.client", "clients.clientcertificate"),
    "Resource servers": ("clients.resourceserver",),
    "Consents": ("consents.consent",),
    "People": ("accounts.user", "accounts.enrolment", "auth.group"),
    "Tokens": ("tokens.authorizationcode", "tokens.accesstoken", "tokens.refreshtoken"),
    "Keys": ("keys.signingkey",),
    "Audit": ("audit.refusal", "audit.auditevent", "audit.tally"),
}


class OperatorSite(admin.AdminSite):
    site_header = "Authorization server"
    site_title = "Authorization server"
    index_title = "Start"
    index_template = "admin/start.html"

    @case("AD-13", "AD-15")
    def has_permission(self, request: HttpRequest) -> bool:
        """Staff, with two factors shown in this session; asked again for every request."""
        return bool(
            request.user.is_active
            and request.user.is_staff
            and (authentication := acr.of_request(request))
            and authentication.acr == acr.ACR_TWO_FACTORS
        )

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner: Callable[..., HttpResponse] = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                return self.what_is_missing(request)
            address_has_no_control_characters(request)
            translation.activate("en")  # our half of the pages has no other language
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    @case("AD-01", "AD-13")
    def what_is_missing(self, request: HttpRequest) -> HttpResponse:
        """Send strangers to sign in and staff to their second factor; refuse everybody else."""
        authentication = acr.of_request(request)
        if authentication is None:
            return redirect_to_login(request.get_full_path(), "account_login")
        if not authentication.user.is_staff:
            raise PermissionDenied
        return decorators.to_page(
            decorators.second_factor_page(authentication.user), request.get_full_path()
        )

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one way to sign in, for operators too; this is only its address."""
        if self.has_permission(request):
            return redirect("admin:index")
        return self.what_is_missing(request)

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """End the session; the button in the head of every page."""
        if request.method != "POST":
            return redirect("account_logout")
        logout(request)
        return redirect("account_signed_out")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_home")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        ours = [
            path("profiles/", self.admin_view(profile_tables), name="profiles"),
            path("reference/", self.admin_view(by_reference), name="reference"),
            path(
                "server-certificate/",
                self.admin_view(own_certificate),
                name="server-certificate",
            ),
        ]
        return [*ours, *super().get_urls()]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().index(request, {**start.page(request), **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Everything that this operator may see, grouped by the order of the work."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        visible = {
            f"{app['app_label']}.{model['object_name'].lower()}": model
            for app in super().get_app_list(request)
            for model in app["models"]
        }
        groups = []
        for name, members in GROUPS.items():
            models = [visible[member] for member in members if member in visible]
            if models:
                label = name.lower().replace(" ", "-")
                url = models[0]["admin_url"]
                groups.append({"name": name, "app_label": label, "app_url": url, "models": models})
        return groups


@case("AD-11")
def address_has_no_control_characters(request: HttpRequest) -> None:
    """No identifier and no search has one; some databases answer them with an error of theirs."""
    for text in (request.path, *(str(each) for pair in request.GET.items() for each in pair)):
        if CONTROL.search(text):
            raise SuspiciousOperation("control character in an address")
