"""What another process changed is in every process's documents a second later."""

import time
import uuid
from collections.abc import Iterator

import httpx
import pytest

from authserver.storage.kept import SECONDS
from tests.support.live_server import NO_TLS

case = pytest.mark.case

ANSWERS = 40  # enough for each of the four processes to give some
A_MOMENT = 0.1  # what was asked for before the second was over is read by then


@pytest.fixture
def operator(server):
    with server.program("tests.operations.documents.operator") as tell:
        yield tell


@pytest.fixture
def slug(operator) -> str:
    return str(operator(f"found e{uuid.uuid4().hex[:8]}"))


def answers(server, path) -> Iterator[httpx.Response]:
    """As many as it takes to hear from every process, each over a connection of its own."""
    headers = {"Host": "as.example.com", "X-Forwarded-Proto": "https"}
    for _ in range(ANSWERS):
        yield httpx.get(server.url + path, headers=headers, timeout=30, verify=NO_TLS)


def kids(response):
    assert response.status_code == 200
    return {key["kid"] for key in response.json()["keys"]}


@case("DS-08")
def test_a_withdrawn_key_is_gone_within_a_second(server, operator, slug):
    kid = operator(f"publish {slug}")
    time.sleep(SECONDS + A_MOMENT)
    assert all(kid in kids(each) for each in answers(server, f"/{slug}/jwks"))

    assert operator(f"withdraw {kid}") == "True"
    time.sleep(SECONDS + A_MOMENT)

    assert not any(kid in kids(each) for each in answers(server, f"/{slug}/jwks"))


DOCUMENTS = ("/{}/jwks", "/{}/.well-known/openid-configuration", "/{}/theme.css")


@pytest.mark.parametrize("path", DOCUMENTS)
def test_an_ecosystem_that_is_switched_off_is_gone_within_a_second(server, operator, slug, path):
    assert {each.status_code for each in answers(server, path.format(slug))} == {200}

    operator(f"off {slug}")
    time.sleep(SECONDS + A_MOMENT)

    assert {each.status_code for each in answers(server, path.format(slug))} == {404}


def test_a_connection_goes_on_behind_an_answer_without_a_body(server, slug):
    """A body or a length too many would be taken for the beginning of the next answer."""
    headers = {"Host": "as.example.com", "X-Forwarded-Proto": "https"}
    path = f"/{slug}/jwks"
    with httpx.Client(base_url=server.url, headers=headers, verify=NO_TLS) as http:
        whole = http.get(path)
        head = http.head(path)
        unchanged = http.get(path, headers={"If-None-Match": whole.headers["ETag"]})
        again = http.get(path)

    assert [each.status_code for each in (whole, head, unchanged, again)] == [200, 200, 304, 200]
    assert head.content == unchanged.content == b""
    assert again.content == whole.content
