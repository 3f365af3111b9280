"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from authserver.loading import loading
from authserver.start import start_safely

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authserver.settings")
start_safely()
with loading():
    application = get_wsgi_application()
    # Every view is imported here, before gunicorn forks: workers share that memory, what is meant
    # for all of them is made once, and nobody's first request waits for it.
    get_resolver().url_patterns  # noqa: B018 - it is the reading that imports
