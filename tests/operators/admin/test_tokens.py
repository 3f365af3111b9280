"""Codes and tokens: looked at by what they are for, never by their value."""

import hashlib

import pytest

from authserver.tokens.models import AccessToken, AuthorizationCode, RefreshToken
from tests.support.operator import page, verbs_of

case = pytest.mark.case
MODELS = (AccessToken, AuthorizationCode, RefreshToken)


def every_page(operator, model):
    row = model.objects.get()
    for address in (
        page(model, "changelist"),
        page(model, "change", row.pk),
        page(model, "export"),
    ):
        response = operator.get(address)
        assert response.status_code == 200
        yield response.content.decode()


@case("AD-12")
@pytest.mark.parametrize("model", MODELS)
def test_no_page_shows_a_token_or_a_whole_digest(auditor, granted, model):
    values = [granted["access_token"], granted["refresh_token"]]
    digests = [hashlib.sha256(value.encode()).hexdigest() for value in values]
    digests.append(AuthorizationCode.objects.get().code)

    for text in every_page(auditor, model):
        for secret in (*values, *digests):
            assert secret not in text
            assert secret[13:40] not in text


@case("AD-12")
@pytest.mark.parametrize("model", MODELS)
def test_a_page_shows_whose_it_is_and_the_beginning_of_its_digest(auditor, granted, model):
    row = model.objects.get()
    digest = row.code if model is AuthorizationCode else row.token_checksum

    for text in every_page(auditor, model):
        assert f"{digest[:12]}..." in text
        assert "tpp" in text


@case("AD-11", "AD-12")
@pytest.mark.parametrize("model", MODELS)
def test_no_search_finds_a_row_by_its_digest(auditor, granted, model):
    row = model.objects.get()
    digest = row.code if model is AuthorizationCode else row.token_checksum

    def found(asked):
        return list(auditor.get(page(model, "changelist"), {"q": asked}).context["cl"].result_list)

    assert found("tpp") == [row]
    assert found("mariam") == [row]
    for part in (digest, digest[:12], granted["access_token"], granted["refresh_token"]):
        assert found(part) == []


@pytest.mark.parametrize("model", MODELS)
def test_nobody_makes_changes_or_deletes_one_here(boss, granted, model):
    row = model.objects.get()

    assert boss.http.post(page(model, "add")).status_code == 403
    assert boss.http.post(page(model, "change", row.pk)).status_code == 403
    assert boss.http.post(page(model, "delete", row.pk)).status_code == 403
    assert verbs_of(model) == ()
    assert model.objects.get() == row
