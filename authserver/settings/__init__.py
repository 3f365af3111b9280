"""The settings of the server, read from the environment. Production is the default.

Every variable is named ``AUTHSERVER_*`` (and ``DATABASE_URL``); ``docs/settings.md`` lists them.
``authserver/checks`` has what an unsafe start is; it is refused. Each setting stands in one file:

``deployment``    who this server is, its secrets, whom it believes
``limits``        how often, how many at once, how large
``retention``     how long records are kept
``database``      where state is kept
``accounts``      how people sign in
``browsers``      sessions, cookies, headers
``languages``     of pages; the zone of machines
``logging``       the lines of the log
``applications``  apps, middleware, templates, static files
``toolkit``       what django-oauth-toolkit is told
``environment``   where the others read from
"""

# Django reads the names of this module.
from authserver.settings.accounts import *  # noqa: F403
from authserver.settings.applications import *  # noqa: F403
from authserver.settings.browsers import *  # noqa: F403
from authserver.settings.database import *  # noqa: F403
from authserver.settings.deployment import *  # noqa: F403
from authserver.settings.environment import *  # noqa: F403
from authserver.settings.languages import *  # noqa: F403
from authserver.settings.limits import *  # noqa: F403
from authserver.settings.logging import *  # noqa: F403
from authserver.settings.retention import *  # noqa: F403
from authserver.settings.toolkit import *  # noqa: F403
