"""One settings file, read from the environment. Production is the default.

Every variable is named ``AUTHSERVER_*`` (and ``DATABASE_URL``); ``docs/settings.md`` lists them.
``authserver/checks`` has what an unsafe start is; it is refused.
"""

from pathlib import Path
from typing import Any

import environ
import structlog

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()  # type: ignore[no-untyped-call]

# Lets the demo run: it prints passwords, so a public issuer is refused.
DEMO = env.bool("AUTHSERVER_DEMO", default=False)
DEBUG = False
# Signs sessions and one-time links: 50 characters at least, and random.
SECRET_KEY = env.str("AUTHSERVER_SECRET_KEY")
# Earlier secret keys, still good for what they signed.
SECRET_KEY_FALLBACKS = env.list("AUTHSERVER_SECRET_KEY_FALLBACKS", default=[])
# The names under which the server may be called, at the ports of its two bases.
ALLOWED_HOSTS = env.list("AUTHSERVER_ALLOWED_HOSTS", default=[])

# What pages that belong to no single ecosystem are headed with.
OPERATOR_NAME = env.str("AUTHSERVER_OPERATOR_NAME", default="Open Finance")

# What we publish comes from these and from the ecosystem's row, never from a request.
PUBLIC_BASE = env.str("AUTHSERVER_PUBLIC_BASE", default="")
MACHINE_BASE = env.str("AUTHSERVER_MACHINE_BASE", default=PUBLIC_BASE)

# Fernet keys, newest first, for signing keys and TOTP secrets at rest.
KEY_ENCRYPTION_KEYS = env.list("AUTHSERVER_KEY_ENCRYPTION_KEYS")
# Makes the nonces for DPoP proofs that every process must be able to check: 50 characters at least,
# and random. A new one is met by clients as one more round trip; nothing that is stored needs it.
DERIVATION_KEY = env.str("AUTHSERVER_DERIVATION_KEY", default=SECRET_KEY)

# Where a client certificate comes from: the TLS socket itself, or one trusted proxy.
TRUSTED_PROXY = env.str("AUTHSERVER_TRUSTED_PROXY", default="")
CLIENT_CERTIFICATE_HEADER = "X-SSL-Client-Cert"

# Hosts that the server may fetch from although their addresses are not public.
OUTBOUND_ALLOWED_HOSTS = env.list("AUTHSERVER_OUTBOUND_ALLOWED_HOSTS", default=[])
# CAs trusted for what the server fetches, beside those of the system: a PEM file.
OUTBOUND_CA_FILE = env.str("AUTHSERVER_OUTBOUND_CA_FILE", default="")
# So many callers of one server may wait for hosts of others at once, half of them for one host;
# the files of gunicorn set a quarter of the server's threads. Who finds no place is refused.
OUTBOUND_AT_ONCE = env.int("AUTHSERVER_OUTBOUND_AT_ONCE", default=4)
# CAs of the server's own certificate, published to clients that pin them: a PEM file.
SERVER_CA_FILE = env.str("AUTHSERVER_SERVER_CA_FILE", default="")

# So many requests a second may one client push to one server while others are being answered;
# 0 sets no limit.
PUSHES_PER_SECOND = env.int("AUTHSERVER_PUSHES_PER_SECOND", default=10)
# So many unknown codes and refresh tokens may one client show to one server in a minute; then it
# waits. 0 sets no limit.
GUESSES_PER_MINUTE = env.int("AUTHSERVER_GUESSES_PER_MINUTE", default=60)

# So long after their end tokens are kept, as a record; then ``manage.py purge`` deletes them.
TOKEN_RETENTION_DAYS = env.int("AUTHSERVER_TOKEN_RETENTION_DAYS", default=90)
# So long the record of a refusal is kept, for whoever asks why, with the address that the call came
# from; then ``purge`` deletes it too.
REFUSAL_RETENTION_DAYS = env.int("AUTHSERVER_REFUSAL_RETENTION_DAYS", default=90)
# So long the audit trail keeps who signed in, or failed to; then ``purge`` deletes it. What people
# decided and what operators changed is never deleted.
LOGIN_RETENTION_DAYS = env.int("AUTHSERVER_LOGIN_RETENTION_DAYS", default=400)
# So long it keeps the traffic of clients: requests pushed and opened, tokens issued, keys fetched.
TRAFFIC_RETENTION_DAYS = env.int("AUTHSERVER_TRAFFIC_RETENTION_DAYS", default=400)

INSTALLED_APPS = [
    "authserver.dashboard.apps.AdminSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "oauth2_provider",
    "authserver.audit",
    "authserver.ecosystems",
    "authserver.replay",
    "authserver.keys",
    "authserver.accounts",
    "clients",
    "consents",
    "authserver.tokens",
    "authserver.apps.ServerConfig",
]

MIDDLEWARE = [
    "authserver.web.middleware.InteractionId",
    "authserver.web.middleware.SecurityHeaders",
    # In front of whatever may refuse a request with a page.
    "authserver.web.language.BoundedLocale",
    "authserver.web.middleware.OneHost",
    "authserver.web.readable.Readable",
    "authserver.web.middleware.RedirectAfterPost",
    "authserver.web.middleware.Outage",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "authserver.accounts.middleware.Idle",
    "authserver.interaction.middleware.PagesOutOfTime",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "authserver.urls"
WSGI_APPLICATION = "authserver.wsgi.application"
APPEND_SLASH = False

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "authserver.accounts.identity.on_page",
                "authserver.interaction.context.on_page",
            ],
        },
    },
]

# Connections to PostgreSQL that one process keeps at most.
DATABASE_POOL = env.int("AUTHSERVER_DATABASE_POOL", default=8)


def _database() -> dict[str, Any]:
    # Where all state is kept: PostgreSQL, or SQLite for a first try.
    database: dict[str, Any] = env.db_url(
        "DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}"
    )
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"].endswith("sqlite3"):
        # IMMEDIATE: a transaction that reads first must not fail when it comes to write.
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    else:
        options |= {
            "pool": {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 3},
            "options": "-c statement_timeout=5s -c lock_timeout=2s"
            " -c idle_in_transaction_session_timeout=10s",
        }
        database["CONN_HEALTH_CHECKS"] = True
    return database


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The database, since used one-time codes and rate limits must be seen by every process.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["authserver.accounts.backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "authserver.accounts.passwords.Argon2Hasher",
    "authserver.accounts.passwords.PBKDF2Hasher",
]
# So many passwords are hashed at once by one server, and no more: each takes some 40 ms of a core
# and 19 MB. Who finds no place waits for a second, or is told to try again.
PASSWORDS_AT_ONCE = env.int("AUTHSERVER_PASSWORDS_AT_ONCE", default=1)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "authserver.accounts.passwords.OpaqueString"},
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "MinimumLengthValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ),
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "consents:list"

ACCOUNT_ADAPTER = "authserver.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
# Passwords that one address may send in a minute, right or wrong. Behind the address of a mobile
# network stand thousands of people.
SIGN_INS_PER_MINUTE = env.int("AUTHSERVER_SIGN_INS_PER_MINUTE", default=30)
ACCOUNT_RATE_LIMITS = {
    "login": f"{SIGN_INS_PER_MINUTE}/m/ip",
    "login_failed": "50/5m/ip,5/5m/key",  # in this order: an address leaves so many names behind
}
ACCOUNT_FORMS = {
    "login": "authserver.accounts.forms.SignInForm",
    "reauthenticate": "authserver.accounts.forms.PasswordAgainForm",
    "change_password": "authserver.accounts.forms.PasswordForm",
}
MFA_FORMS = {
    "authenticate": "authserver.accounts.forms.SecondFactorForm",
    "reauthenticate": "authserver.accounts.forms.SecondFactorAgainForm",
    "activate_totp": "authserver.accounts.forms.SetUpForm",
}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ADAPTER = "authserver.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1

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

SESSION_ENGINE = "authserver.accounts.sessions"
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# A login that nobody uses ends after so many seconds.
SESSION_IDLE_SECONDS = env.int("AUTHSERVER_SESSION_IDLE_SECONDS", default=300)
# The same for operators.
OPERATOR_IDLE_SECONDS = env.int("AUTHSERVER_OPERATOR_IDLE_SECONDS", default=1800)
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "authserver.web.pages.csrf_failure"

SECURE_SSL_REDIRECT = True
# Not in the demo: whoever trusts its CA would have https forced on every port of localhost.
SECURE_HSTS_SECONDS = 0 if DEMO else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# Not no-referrer: a browser then sends "Origin: null" with our own forms, which CSRF refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY else None
X_FRAME_OPTIONS = "DENY"

FORMS_URLFIELD_ASSUME_HTTPS = True  # a URL typed without a scheme is https
DATA_UPLOAD_MAX_MEMORY_SIZE = 131_072
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000  # the admin's forms; the back channel counts for itself
DATA_UPLOAD_MAX_NUMBER_FILES = 1

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ar", "العربية")]
# Named here, so that Django's own word for "History" or "Current" does not replace ours.
LOCALE_PATHS = [BASE_DIR / "authserver" / "locale", BASE_DIR / "consents" / "locale"]
FORMAT_MODULE_PATH = ["authserver.locale"]
LANGUAGE_COOKIE_NAME = "__Host-language"
LANGUAGE_COOKIE_SECURE = True
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 86_400
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
# Where collectstatic puts style sheets and pictures, and the server finds them.
STATIC_ROOT = env.str("AUTHSERVER_STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

ADMINS: list[tuple[str, str]] = []
# The log as lines for a terminal, tracebacks as Python writes them; else one JSON object a line,
# which is what a collector of logs can trust.
LOG_READABLE = env.bool("AUTHSERVER_LOG_READABLE", default=False)
_renderer: Any = (
    structlog.dev.ConsoleRenderer(
        colors=False,
        exception_formatter=structlog.dev.plain_traceback,  # the prettier one shows locals
    )
    if LOG_READABLE
    else structlog.processors.JSONRenderer()
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer,
            ],
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.processors.format_exc_info,  # the text of a traceback has no locals
            ],
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "lines"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    # DEBUG, INFO, WARNING or ERROR.
    "root": {"handlers": ["console"], "level": env.str("AUTHSERVER_LOG_LEVEL", default="INFO")},
    "loggers": {
        # A stranger's bad request is one line, of whoever refuses it, and no traceback.
        "django.security": {"handlers": ["nowhere"], "propagate": False},
        "django.request": {"level": "ERROR"},  # who refuses a request says so, with the clause
    },
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
