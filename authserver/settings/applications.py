"""What the project is made of: apps, middleware, templates, and its static files."""

from typing import Any

from authserver.settings.environment import BASE_DIR, env

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
    # From here on for pages alone: a view that is a machine's says so itself, and passes the same
    # two of headers, OneHost, Readable and the redirect to https there.
    "authserver.web.short_cut.ShortCut",
    # What every answer carries, and what every request is held to.
    "authserver.web.middleware.InteractionId",
    "authserver.web.middleware.SecurityHeaders",
    # In front of whatever may refuse a request with a page.
    "authserver.web.language.BoundedLocale",
    "authserver.web.middleware.OneHost",
    "authserver.web.readable.Readable",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "authserver.web.middleware.RedirectAfterPost",
    "authserver.web.outage.Outage",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
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
FORMS_URLFIELD_ASSUME_HTTPS = True  # a URL typed without a scheme is https

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

STATIC_URL = "/static/"
# Where collectstatic puts style sheets and pictures, and the server finds them.
STATIC_ROOT = env.str("AUTHSERVER_STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
