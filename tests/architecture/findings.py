"""How the tests of this folder report what they found: as a list that can be worked off."""

from collections.abc import Collection

import pytest


def assert_none(found: Collection[str], what: str) -> None:
    if found:
        pytest.fail("\n".join([f"{len(found)} {what}:", *found]), pytrace=False)
