"""Versions of rows that processes keep copies of: another number after every change.

The database sets them, by triggers (see ``triggers``), so that no way of changing a row can forget
it: an action, the admin, a program, a hand at psql. A number is random, so that none comes twice: a
database that was restored to yesterday never takes a copy of today for its own.
"""

from collections.abc import Mapping
from typing import Any

from django.db import models

# For each model with a version: the models whose rows change it, each with the way to it, which is
# ITSELF, or the names of foreign keys with two underscores between them.
Versioned = Mapping[type[models.Model], Mapping[type[models.Model], str]]

ITSELF = "pk"
COLUMN = "version"


class VersionField(models.BigIntegerField):  # type: ignore[type-arg]
    """The version of a row and of what hangs on it; 0 until the first change."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **(options | {"default": 0, "db_default": 0, "editable": False}))
