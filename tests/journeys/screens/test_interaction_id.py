"""x-fapi-interaction-id is on every answer, and never carries what a stranger made up."""

import re
import uuid

import pytest
import structlog
from django.http import HttpResponse

from authserver.web.middleware import InteractionId

case = pytest.mark.case

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@case("PR-38")
@pytest.mark.parametrize(
    "sent",
    [str(uuid.uuid4()), str(uuid.uuid1()), str(uuid.uuid4()).upper()],
    ids=["4", "1", "upper"],
)
def test_a_uuid_is_echoed(stranger, sent):
    response = stranger.get("/nowhere", headers={"x-fapi-interaction-id": sent})

    assert response["x-fapi-interaction-id"] == sent


@case("PR-38")
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param("", id="empty"),
        pytest.param("not-a-uuid", id="text"),
        pytest.param("00000000-0000-0000-0000-000000000000", id="nil"),
        pytest.param("6f1cbd0e-6f7c-4a79-c2a1-2f5ee2a1c7d4", id="other variant"),
        pytest.param("{6f1cbd0e-6f7c-4a79-b2a1-2f5ee2a1c7d4}", id="braces"),
        pytest.param("6f1cbd0e-6f7c-4a79-b2a1-2f5ee2a1c7d4\r\nSet-Cookie: a=b", id="line break"),
        pytest.param("6f1cbd0e-6f7c-4a79-b2a1-2f5ee2a1c7d4\n", id="trailing line break"),
        pytest.param("6f1cbd0e-6f7c-4a79-b2a1-2f5ee2a1c7d4," * 2, id="two"),
        pytest.param("a" * 10_000, id="10 kB"),
        pytest.param("\uff16f1cbd0e-6f7c-4a79-b2a1-2f5ee2a1c7d4", id="full-width digit"),
    ],
)
def test_anything_else_is_replaced(stranger, sent):
    response = stranger.get("/nowhere", headers={"x-fapi-interaction-id": sent})

    assert UUID4.fullmatch(response["x-fapi-interaction-id"])
    assert "Set-Cookie" not in response.headers


@case("PR-38")
def test_without_one_every_request_gets_its_own(stranger):
    first, second = stranger.get("/nowhere"), stranger.get("/nowhere")

    assert UUID4.fullmatch(first["x-fapi-interaction-id"])
    assert first["x-fapi-interaction-id"] != second["x-fapi-interaction-id"]


@case("PR-38")
@pytest.mark.parametrize(
    ("path", "changes", "status"),
    [
        pytest.param("/nowhere", {}, 404, id="not found"),
        pytest.param("/accounts/login/", {}, 200, id="page"),
        pytest.param("/accounts/", {}, 303, id="redirect"),
        pytest.param("/accounts/login/", {"HTTP_HOST": "evil.example"}, 400, id="foreign host"),
        pytest.param("/accounts/login/", {"RAW_URI": "/x"}, 400, id="no host"),
    ],
)
def test_it_is_on_every_answer(stranger, path, changes, status):
    response = stranger.get(path, **changes)

    assert response.status_code == status
    assert UUID4.fullmatch(response["x-fapi-interaction-id"])


@case("PR-38")
def test_it_is_on_a_failure_of_ours(stranger, monkeypatch):
    monkeypatch.setattr("authserver.accounts.views.render", lambda *args: 1 / 0)

    response = stranger.get("/accounts/signed-out/")

    assert response.status_code == 500
    assert UUID4.fullmatch(response["x-fapi-interaction-id"])
    assert response["x-fapi-interaction-id"] in response.content.decode()


def test_a_request_leaves_nothing_in_the_log_of_the_next(rf):
    bound = []

    def answer(request):
        bound.append(structlog.contextvars.get_contextvars())
        structlog.contextvars.bind_contextvars(client_id="tpp")
        return HttpResponse()

    middleware = InteractionId(answer)
    for _ in range(2):
        middleware(rf.get("/"))

    assert [set(each) for each in bound] == [{"interaction_id", "address"}] * 2
    assert bound[0] != bound[1]
