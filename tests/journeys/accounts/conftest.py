"""People who sign in, and the pages they do it on."""

import time
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client as Http

from authserver.accounts import actions
from tests.support import world
from tests.support.authenticator_app import App
from tests.support.guest import Guest


@dataclass
class Clock:
    """Seconds since 1970; it hardly moves until a test moves it."""

    at: float

    def read(self) -> float:
        self.at += 0.000_1  # no two readings are the same, as attempts are told apart by them
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: Any) -> Clock:
    """The clock of codes and of limits is a second after the beginning of a step.

    On a clock that runs, a code is now and then of the step before.
    """
    found = Clock(at=time.time() // 30 * 30 + 1)
    monkeypatch.setattr("time.time", found.read)
    return found


@pytest.fixture
def mariam(openfinance) -> Any:
    """Somebody with a password and a second factor."""
    made = world.person("mariam", openfinance)
    actions.add_second_factor(made, secret=App.secret, by="test")
    return made


@pytest.fixture
def yusuf(openfinance) -> Any:
    """Somebody with a password alone."""
    return world.person("yusuf", openfinance)


@pytest.fixture
def app() -> App:
    """Mariam's telephone."""
    return App()


@pytest.fixture
def guest() -> Guest:
    """A browser in which nobody is signed in."""
    return Guest(Http())
