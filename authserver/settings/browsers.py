"""What browsers keep and obey: sessions, cookies, and headers that hold them to https."""

from authserver.settings.deployment import DEMO, TRUSTED_PROXY
from authserver.settings.environment import env

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
