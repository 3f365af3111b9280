"""The endpoints that authenticate their caller."""

import pytest

from tests.support.assertions import is_served
from tests.support.tpp import VALID_REQUEST

FORMS = {
    "/par": VALID_REQUEST,
    "/token": {"grant_type": "client_credentials", "scope": "accounts"},
    "/introspect": {"token": "nobody's"},
    "/revoke": {"token": "nobody's"},
}


class Endpoint:
    """One of the endpoints that authenticate their caller, called as a client would."""

    def __init__(self, path):
        self.path = path

    def call(self, tpp, *, headers=None, authentication=None, **changes):
        """The valid call with these changes to its form; None takes a parameter away."""
        proof = tpp.authentication() if authentication is None else authentication
        form = FORMS[self.path] | proof | changes
        return tpp.post(self.path, form, **(headers or {}))

    def serves(self, tpp, **how):
        """True if the call is answered: nothing but the change of a test is in its way."""
        return is_served(self.call(tpp, **how))


@pytest.fixture(params=FORMS)
def endpoint(request):
    return Endpoint(request.param)


@pytest.fixture
def token_endpoint():
    return Endpoint("/token")
