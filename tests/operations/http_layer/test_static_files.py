"""What pages are drawn with is asked for once: a browser keeps it for as long as it is the same."""

import re

import pytest
from django.conf import settings as product
from django.core.management import call_command
from django.test import Client as Http

from authserver.settings import applications

LINKED = re.compile(r'<link rel="(?:stylesheet|icon)" href="(/static/[^"]+)"')


@pytest.fixture
def as_shipped(settings, tmp_path, db):
    """Collected under names that say what is in them, and read once, as in production."""
    settings.STORAGES = applications.STORAGES
    settings.STATIC_ROOT = str(tmp_path)
    settings.WHITENOISE_AUTOREFRESH = False
    call_command("collectstatic", interactive=False, verbosity=0)
    return Http()


def test_a_file_is_kept_for_ever_under_a_name_that_changes_with_it(as_shipped):
    page = as_shipped.get("/accounts/login/").content.decode()
    linked = LINKED.findall(page)
    assert linked

    for address in linked:
        answer = as_shipped.get(address)
        assert b"".join(answer.streaming_content)
        assert re.search(r"\.[0-9a-f]{12}\.(css|svg)$", address)
        assert answer["Cache-Control"] == "max-age=315360000, public, immutable"
        assert product.SESSION_COOKIE_NAME not in answer.cookies


def test_under_a_name_that_stays_it_is_asked_for_again(as_shipped):
    answer = as_shipped.get("/static/authserver/style.css")

    assert b"".join(answer.streaming_content)
    assert answer["Cache-Control"] == "max-age=60, public"
