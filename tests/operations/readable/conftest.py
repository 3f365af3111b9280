"""Who sends what cannot be read."""

from tests.operators.admin.conftest import operator

__all__ = ["operator"]
