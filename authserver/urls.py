"""Every URL of the server. The toolkit's own URLs are never included: its namespace is ours."""

from django.contrib import admin
from django.urls import include, path

from authserver.endpoints import (
    authorize,
    introspect,
    jwks,
    metadata,
    par,
    profile,
    revoke,
    server_cas,
    somebody_else,
    theme,
    token,
    userinfo,
)

handler400 = "authserver.web.pages.bad_request"
handler403 = "authserver.web.pages.forbidden"
handler404 = "authserver.web.pages.not_found"
handler429 = "authserver.web.pages.too_many_requests"
handler500 = "authserver.web.pages.server_error"

protocol = [
    path("<slug:slug>/.well-known/openid-configuration", metadata.server_metadata, name="oidc"),
    path("<slug:slug>/jwks", jwks.key_set, name="jwks"),
    path("<slug:slug>/par", par.push_authorization_request, name="par"),
    path("<slug:slug>/authorize", authorize.open_request, name="authorize"),
    path("<slug:slug>/authorize/<str:handle>", authorize.resume, name="authorize-resume"),
    path("<slug:slug>/authorize/<str:handle>/cancel", authorize.cancel, name="authorize-cancel"),
    path(
        "<slug:slug>/authorize/<str:handle>/somebody-else",
        somebody_else.somebody_else,
        name="authorize-somebody-else",
    ),
    path("<slug:slug>/token", token.exchange_grant, name="token"),
    path("<slug:slug>/introspect", introspect.introspect_token, name="introspect"),
    path("<slug:slug>/revoke", revoke.revoke_token, name="revoke"),
    path("<slug:slug>/userinfo", userinfo.userinfo, name="userinfo"),
    path("<slug:slug>/profile", profile.published_profile, name="profile"),
    path("<slug:slug>/server-ca.pem", server_cas.server_cas, name="server-cas"),
    path("<slug:slug>/theme.css", theme.theme, name="theme"),
]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("authserver.accounts.urls")),
    path(
        ".well-known/oauth-authorization-server/<slug:slug>",
        metadata.server_metadata,
        name="oauth-metadata",
    ),
    path("", include("consents.urls")),
    *protocol,
]
