"""What of psycopg a test has to reach into: where it takes the text of a statement apart."""

import pytest


def let_no_statement_be_taken_apart(patch: pytest.MonkeyPatch) -> None:
    """From here on a statement that psycopg does not remember is a TypeError."""
    patch.setattr("psycopg._queries._split_query", None)
