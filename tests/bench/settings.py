"""The settings of the tests, with passwords that are hashed as they are in production."""

from importlib import import_module

from tests.settings import *  # noqa: F403

PASSWORD_HASHERS = import_module("authserver.settings").PASSWORD_HASHERS
