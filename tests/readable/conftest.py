from tests.admin.conftest import operator

__all__ = ["operator"]
