"""A list without rows says so, and what to do; one that is filtered empty shows the way back."""

import pytest
from django.contrib import admin

from authserver.accounts.models import User
from authserver.ecosystems.models import RevocationList
from clients.models import Participant
from tests.support import world
from tests.support.operator import page

EMPTY = 'id="empty-list"'


def shown(operator, model, **query):
    response = operator.get(page(model, "changelist"), query)
    assert response.status_code == 200, model
    return response.content.decode()


def test_every_list_without_rows_says_so(boss):
    found = []
    for model, site_page in admin.site._registry.items():
        if model._default_manager.exists() or not site_page.has_view_permission(
            boss.get("/admin/").wsgi_request
        ):
            continue
        text = shown(boss, model)
        assert EMPTY in text, model
        assert f"There are no {model._meta.verbose_name_plural} yet." in text, model
        found.append(model)

    assert len(found) > 10
    assert User not in found


@pytest.mark.case("MT-09")
def test_that_of_the_revocation_lists_says_what_to_do(boss, openfinance, ca):
    text = shown(boss, RevocationList)
    assert "There are no revocation lists yet." in text
    assert "so one that its CA revoked is still accepted" in text
    assert "manage.py refresh_crls" in text
    assert "yet. No certificate is looked up" in shown(boss, RevocationList, _facets="True")

    ca.is_kept(openfinance, policy="not_checked")
    assert EMPTY not in shown(boss, RevocationList)


def test_one_that_nothing_matches_shows_the_way_back(boss, openfinance):
    world.participant("Bank", ecosystem=openfinance)
    assert EMPTY not in shown(boss, Participant, q="Bank")

    for query in ({"q": "<b>nobody"}, {"state__exact": "suspended"}):
        text = shown(boss, Participant, **query)
        assert "None of the participants is like that." in text, query
        assert f'<a href="{page(Participant, "changelist")}">Show all of them</a>' in text
        assert "yet" not in text.partition(EMPTY)[2].partition("</div>")[0]
        assert "<b>nobody" not in text
