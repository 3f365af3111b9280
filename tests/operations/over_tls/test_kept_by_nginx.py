"""What an ecosystem publishes is kept by nginx for a second; nothing else is kept by anybody."""

import time
import uuid

import pytest

from authserver.web.middleware import INTERACTION_ID, ON_EVERY_ANSWER
from tests.support.fronts import MACHINES, PEOPLE

case = pytest.mark.case
requirement = pytest.mark.requirement
pytestmark = pytest.mark.nginx

DOCUMENTS = (
    "/openfinance/jwks",
    "/openfinance/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server/openfinance",
)
KEPT = 2.1  # seconds at most: nginx counts whole ones
EVERY = pytest.mark.parametrize("path", DOCUMENTS)


@EVERY
@pytest.mark.parametrize("host", [PEOPLE, MACHINES])
def test_what_is_kept_is_what_the_application_answers(nginx, host, path):
    first, second = (nginx.call(host, path) for _ in range(2))

    assert (first.status, second.status) == (200, 200)
    assert first.body == second.body
    same = {*ON_EVERY_ANSWER, "Content-Security-Policy", "ETag", "Access-Control-Allow-Origin"}
    assert {name: first.headers[name] for name in same} == {
        name: second.headers[name] for name in same
    }
    assert second.headers["Cache-Control"].startswith("public")


@requirement("CBUAE-2.1.13")
@EVERY
def test_every_answer_names_its_own_request(nginx, path):
    own = [str(uuid.uuid4()) for _ in range(3)]

    named = [nginx.call(PEOPLE, path, headers={INTERACTION_ID: each}) for each in own]
    unnamed = [nginx.call(PEOPLE, path).headers[INTERACTION_ID] for _ in range(2)]

    assert [each.headers[INTERACTION_ID] for each in named] == own
    assert len({*own, *unnamed}) == 5
    assert all(uuid.UUID(each) for each in unnamed)


@requirement("RFC9110-13.1.2")
@EVERY
def test_whoever_has_it_is_told_so(nginx, path):
    tag = nginx.call(PEOPLE, path).headers["ETag"]

    again = nginx.call(PEOPLE, path, headers={"If-None-Match": tag})

    assert (again.status, again.body) == (304, b"")


@case("HT-02")
@EVERY
def test_under_another_name_there_is_nothing(nginx, path):
    assert nginx.call(PEOPLE, path).status == 200

    assert nginx.call(PEOPLE, path, named=f"{PEOPLE}:9999").status == 400
    assert nginx.call(PEOPLE, path, named="evil.example").status == 421


def files(nginx):
    """What nginx keeps, by when it was written."""
    kept = nginx.folder / "nginx" / "documents"
    return {path: path.stat().st_mtime_ns for path in kept.rglob("*") if path.is_file()}


def test_a_second_later_it_is_asked_for_again(nginx):
    nginx.call(PEOPLE, DOCUMENTS[0])
    before = files(nginx)
    time.sleep(KEPT)

    nginx.call(PEOPLE, DOCUMENTS[0])

    assert before
    assert max(files(nginx).values()) > max(before.values())


def test_what_is_no_document_is_kept_by_nobody(nginx):
    nginx.call(PEOPLE, DOCUMENTS[0])
    before = files(nginx)

    assert nginx.call(PEOPLE, "/nowhere/jwks").status == 404
    assert nginx.call(PEOPLE, "/accounts/login/").status == 200
    assert nginx.token("two", identity="two").status == 200
    assert nginx.call(PEOPLE, DOCUMENTS[0], {"a": "post"}).status == 405

    assert before
    assert files(nginx).items() <= before.items()
