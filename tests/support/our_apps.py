"""The apps whose tables our migrations make."""

from django.apps import apps
from django.conf import settings

OURS = {app.label for app in apps.get_app_configs() if not app.path.count("site-packages")}
OURS |= settings.MIGRATION_MODULES.keys()  # what another's models come to, written down by us
