"""Lists as CSV: what was filtered, in cells that no spreadsheet calculates."""

import csv
import io

import pytest

from authserver.backoffice.export import as_csv, neutral
from clients.models import Client, Participant
from tests.support import world
from tests.support.operator import events_since, last_event, mark, page

case = pytest.mark.case
HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\uff1d1",
    "'=1",
    "''",
]
HARMLESS = ["", "Lantern", 'say "yes"', "a\nb", "a,b", "a;b", "1-1", "<b>", "سلام"]


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@case("AD-09")
@pytest.mark.parametrize("cell", HOSTILE)
def test_what_a_spreadsheet_would_calculate_is_text(cell):
    [[written]] = read(as_csv(["name"], [[cell]]))[1:]

    assert written == "'" + cell


@case("AD-09")
@pytest.mark.parametrize("cell", HARMLESS)
def test_other_cells_stay_as_they_are(cell):
    assert read(as_csv(["name"], [[cell]]))[1:] == [[cell]]


@case("AD-09")
def test_every_cell_can_be_brought_back():
    """Taking one apostrophe away where there is one: no two cells are written alike."""
    for cell in HOSTILE + HARMLESS:
        assert neutral(cell).removeprefix("'") == cell


@case("AD-09")
def test_an_exported_list_is_the_filtered_one_and_holds_no_formula(auditor, openfinance, uae):
    world.participant("=HYPERLINK(1)", ecosystem=openfinance)
    world.participant("Elsewhere", ecosystem=uae)
    before = mark()

    response = auditor.get(page(Participant, "export"), {"ecosystem__id__exact": openfinance.pk})

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="participants.csv"'
    assert read(response.content.decode()) == [
        ["trading name", "state", "legal name", "ecosystem", "clients"],
        ["'=HYPERLINK(1)", "Active", "'=HYPERLINK(1) Limited", "Openfinance", "0"],
    ]
    assert events_since(before) == ["admin.list_exported"]
    assert (last_event().actor, last_event().subject) == ("auditor", "clients.participant")
    assert last_event().facts == {"rows": 1}


def test_an_export_finds_what_the_search_finds(auditor, tpp, other_tpp):
    rows = read(auditor.get(page(Client, "export"), {"q": "other.example.com"}).content.decode())

    assert [row[2] for row in rows[1:]] == ["other"]


@case("AD-11")
def test_an_export_answers_no_question_that_the_list_does_not(auditor, tpp):
    for query in ("client_jwks__contains=a", "participant__legal_name__startswith=T"):
        assert auditor.get(f"{page(Client, 'export')}?{query}").status_code == 400
