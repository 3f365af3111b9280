"""The settings of the product, and what a test run decides. ``DATABASE_URL`` picks the database."""

import os

os.environ.setdefault("AUTHSERVER_SECRET_KEY", "test-" + "k" * 60)
os.environ.setdefault(
    "AUTHSERVER_KEY_ENCRYPTION_KEYS", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
)
os.environ.setdefault("AUTHSERVER_ALLOWED_HOSTS", "as.example.com,localhost,testserver")
os.environ.setdefault("AUTHSERVER_PUBLIC_BASE", "https://as.example.com")
os.environ.setdefault("AUTHSERVER_MACHINE_BASE", "https://mtls.as.example.com")
os.environ.setdefault("AUTHSERVER_PUSHES_PER_SECOND", "0")  # tests push as fast as they can
os.environ.setdefault("AUTHSERVER_GUESSES_PER_MINUTE", "0")  # and are wrong as often as they like

from authserver.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.support.quick_hasher.QuickHasher"]
SECURE_SSL_REDIRECT = "LIVE_SERVER" in os.environ  # the test client speaks plain HTTP
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
# Its secrets are published here, and the role that makes its databases is a superuser. The server
# refuses to be reached under a public name like that (authserver/checks/names.py).
SILENCED_SYSTEM_CHECKS = ["authserver.E004", "authserver.E008", "authserver.E013"]
# The test client stands where the TLS front would, and may hand on a certificate.
TRUSTED_PROXY = "127.0.0.1"
DATABASE = DATABASES["default"]  # noqa: F405
if "LIVE_SERVER" not in os.environ and "options" in DATABASE["OPTIONS"]:
    # A run makes, empties and drops databases while others keep the disk busy. The product's limits
    # of time hold where the product runs: in the servers that tests start.
    DATABASE["OPTIONS"]["options"] += (
        " -c statement_timeout=120s -c lock_timeout=30s -c idle_in_transaction_session_timeout=120s"
    )
if "sqlite" in DATABASE["ENGINE"]:
    # Tables made from the models, in a fifth of the time. That the migrations make the same ones is
    # checked, and the demo's database is made by them.
    DATABASE["TEST"] = {"MIGRATE": False}
