"""What django-oauth-toolkit is told: whose tables are its tables, and what it must never allow."""

from typing import Any

from authserver.settings.deployment import PUBLIC_BASE

OAUTH2_PROVIDER_APPLICATION_MODEL = "clients.Client"
OAUTH2_PROVIDER_GRANT_MODEL = "tokens.AuthorizationCode"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "tokens.AccessToken"
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "tokens.RefreshToken"
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "tokens.IDToken"
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "tokens.DeviceGrant"
# All of the toolkit's tables are ours. Its own migrations alter them a hundred times in the
# state that Django keeps, which would be most of the time that a new database takes.
MIGRATION_MODULES = {"oauth2_provider": "authserver.tokens.toolkit.migrations"}
OAUTH2_PROVIDER: dict[str, Any] = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": PUBLIC_BASE,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 300,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ROTATE_REFRESH_TOKEN": False,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "PKCE_REQUIRED": True,
    "DEFAULT_SCOPES": [],
    "APPLICATION_ADMIN_CLASS": "clients.admin.ClientAdmin",
    "GRANT_ADMIN_CLASS": "authserver.tokens.admin.AuthorizationCodeAdmin",
    "ACCESS_TOKEN_ADMIN_CLASS": "authserver.tokens.admin.AccessTokenAdmin",
    "REFRESH_TOKEN_ADMIN_CLASS": "authserver.tokens.admin.RefreshTokenAdmin",
    "ID_TOKEN_ADMIN_CLASS": "authserver.tokens.admin.IDTokenAdmin",
    "DCR_ENABLED": False,
    "CIMD_ENABLED": False,
    **{
        f"COMPLIANT_BCP_RFC9700_{gate}": True
        for gate in (
            "IMPLICIT_GRANT",
            "PASSWORD_GRANT",
            "PKCE_METHOD",
            "ACCESS_TOKEN_TRANSPORT",
            "AUTHZ_RESPONSE_ISS",
            "TOKEN_STORAGE",
            "REDIRECT_URI_SCHEME",
            "REDIRECT_URI_MATCHING",
            "PKCE_REQUIRED",
        )
    },
}
