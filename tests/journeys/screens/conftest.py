"""Somebody signed in, and a stranger, who look at every page there is."""

from typing import Any

import pytest
from django.test import Client as Http

from tests.support import world
from tests.support.person import Person


@pytest.fixture
def person(openfinance) -> Any:
    """Signed in with two factors, a moment ago."""
    found = Person(world.person("mariam", openfinance), Http())
    found.sign_in()
    return found


@pytest.fixture
def stranger(db) -> Http:
    return Http(headers={"accept": "text/html"}, raise_request_exception=False)
