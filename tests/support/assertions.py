"""What a refusal has to look like, and what it must leave behind: nothing."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection

STORED = (
    "tokens.PushedRequest",
    "tokens.AuthorizationTransaction",
    "tokens.AuthorizationCode",
    "tokens.AccessToken",
    "tokens.RefreshToken",
    "consents.Consent",
)
PRINTABLE = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]*")


def rows() -> dict[str, int]:
    """How many rows each of these tables has, in one query."""
    tables = [connection.ops.quote_name(apps.get_model(name)._meta.db_table) for name in STORED]
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return dict(zip(STORED, cursor.fetchone(), strict=True))


@contextmanager
def nothing_stored() -> Iterator[None]:
    """Hold that no handle and no consent was made in here."""
    before = rows()
    yield
    assert rows() == before


def refused(response: Any, *errors: str, status: int = 400, about: str = "") -> None:
    """Hold that the response is an OAuth error of this code, as RFC 6749, 5.2 wants it."""
    assert response.status_code == status, (response.status_code, response.content[:500])
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert body["error"] in errors, body
    assert PRINTABLE.fullmatch(body["error_description"]), body
    assert about in body["error_description"], body
    assert set(body) <= {"error", "error_description"}


def not_identified(response: Any) -> None:
    """Hold that client authentication failed, with the one sentence that everybody gets."""
    refused(response, "invalid_client", status=401)
    assert response.json()["error_description"] == "client authentication failed"


def a_page_without_redirect(response: Any, *, status: int = 400) -> None:
    """Hold that the person sees our error page and is sent nowhere."""
    assert response.status_code == status
    assert "Location" not in response
    assert b'id="error-page"' in response.content
    assert "no-store" in response["Cache-Control"]


def is_served(response: Any) -> bool:
    """Whether an endpoint did what it was asked: PAR answers 201 (RFC 9126, 2.2), others 200."""
    at_par = response.request["PATH_INFO"].endswith("/par")
    return bool(response.status_code == (201 if at_par else 200))
