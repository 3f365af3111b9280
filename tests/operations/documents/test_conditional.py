"""Who has a document already gets no second copy of it; whoever asks for its head gets its head."""

import pytest

from authserver.ecosystems.models import Ecosystem
from tests.operations.documents.conftest import DOCUMENTS

requirement = pytest.mark.requirement

GOES_ALONG = ("ETag", "Cache-Control", "Content-Length", "Access-Control-Allow-Origin")


def headers_of(response):
    return {name: response.headers.get(name) for name in GOES_ALONG}


@requirement("RFC9110-13.1.2")
@DOCUMENTS
@pytest.mark.parametrize(
    "known", ["{}", "W/{}", '"another", {}', "*"], ids=["the", "weak", "two", "any"]
)
def test_who_has_the_document_is_told_so(client, published, path, known):
    first = client.get(path)
    assert (first.status_code, first["ETag"][:1]) == (200, '"')  # a strong one

    again = client.get(path, headers={"if-none-match": known.format(first["ETag"])})

    assert (again.status_code, again.content) == (304, b"")
    assert headers_of(again) == headers_of(first)


@requirement("RFC9110-13.1.2")
@DOCUMENTS
@pytest.mark.parametrize("known", ["", '"another"', "no tag", '"' + "x" * 4000 + '"'])
def test_who_has_another_one_gets_the_document(client, published, path, known):
    first = client.get(path)

    again = client.get(path, headers={"if-none-match": known})

    assert (again.status_code, again.content) == (200, first.content)


@requirement("RFC9110-13.1.2")
def test_a_document_that_changes_changes_its_tag(client, published):
    before = client.get("/openfinance/theme.css")["ETag"]
    Ecosystem.objects.update(accent_colour="#7a0019")

    again = client.get("/openfinance/theme.css", headers={"if-none-match": before})

    assert again.status_code == 200
    assert again["ETag"] != before


@DOCUMENTS
def test_the_head_is_that_of_the_document(client, published, path):
    whole = client.get(path)

    head = client.head(path)

    assert (head.status_code, head.content) == (200, b"")
    assert headers_of(head) == headers_of(whole)
    assert int(whole["Content-Length"]) == len(whole.content)


@DOCUMENTS
def test_nothing_else_is_asked_of_a_document(client, published, path):
    assert client.get(path).status_code == 200

    refused = client.post(path)

    assert refused.status_code == 405
    assert refused["Cache-Control"] == "no-store"


@DOCUMENTS
def test_a_document_may_be_kept_and_what_is_none_may_not(client, published, path):
    assert client.get(path)["Cache-Control"] in ("public, max-age=300", "public, max-age=86400")
    Ecosystem.objects.update(is_active=False)

    none = client.get(path, headers={"if-none-match": "*"})

    assert none.status_code == 404
    assert none["Cache-Control"] == "no-store"
    assert "ETag" not in none
