"""The languages of the pages, and the time that machines and the log are told."""

from authserver.settings.environment import BASE_DIR

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
