"""What allauth does by itself, for tests of what it then means here."""

from allauth.mfa.base.internal.flows import delete_and_cleanup
from allauth.mfa.models import Authenticator
from django.test import RequestFactory


def delete_as_allauth_does(authenticator: Authenticator) -> None:
    """As its own views would, which are not ours."""
    request = RequestFactory().get("/")
    request.user = authenticator.user
    delete_and_cleanup(request, authenticator)
