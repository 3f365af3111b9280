"""What is used of django-oauth-toolkit: the models that ours stand on, and nothing else.

Its views, forms and grants are not: ``docs/decisions/django-oauth-toolkit.md`` says why.
"""

from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractApplication,
    AbstractDeviceGrant,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

__all__ = [
    "AbstractAccessToken",
    "AbstractApplication",
    "AbstractDeviceGrant",
    "AbstractGrant",
    "AbstractIDToken",
    "AbstractRefreshToken",
]
