"""The database goes away, at whatever statement of a request: 503, and nothing is half done."""

import pytest

from tests.operations.faults.conftest import DOORS, PEOPLE
from tests.operations.faults.outages import away_from
from tests.operations.faults.state import changed_since, rehearsed, stored

case = pytest.mark.case
requirement = pytest.mark.requirement

# What they do is done, whole, when the session of the person is saved.
SESSION_COMES_LAST = ("open", "stop sharing")


@case("ER-05", "IR-09")
@requirement("RFC7009-2.2.1")
@DOORS
def test_an_outage_at_any_statement_is_503(visit, door):
    rehearsed(visit)  # what is read once and then remembered is asked here, and not again
    expected = rehearsed(visit)
    assert expected.response.status_code < 400, expected.response.content
    before = stored()

    for number in range(len(expected.statements)):
        with away_from(number):
            response = visit()
        require_an_outage(response, door)
        if changed := changed_since(before):
            assert door in SESSION_COMES_LAST
            assert changed == expected.changed
            break
    assert visit().status_code == expected.response.status_code


def require_an_outage(response, door):
    """It says when to come back: in JSON to a machine, on a page to a person."""
    assert response.status_code == 503, response.content
    assert response["Retry-After"] == "5"
    assert "no-store" in response["Cache-Control"]
    assert b"secret" not in response.content
    if door in PEOPLE:
        assert response["Content-Type"].startswith("text/html")
        assert b'id="error-page"' in response.content
        assert "Location" not in response
    else:
        assert response.json() == {
            "error": "temporarily_unavailable",
            "error_description": "Service Unavailable",
        }
