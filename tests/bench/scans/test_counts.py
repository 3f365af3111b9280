"""Attempts are counted by one statement each, however many names were tried."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "use",
    [
        lambda: cache.set("a", 2, 60),
        lambda: cache.add("a", 2, 60),
        lambda: cache.touch("a", 60),
        lambda: cache.get("a"),
        lambda: cache.delete("a"),
    ],
    ids=["set", "add", "touch", "get", "delete"],
)
def test_each_use_is_one_statement(use):
    cache.set("a", 1, 60)

    with CaptureQueriesContext(connection) as sent:
        use()

    assert len(sent) == 1
    assert "COUNT" not in sent[0]["sql"].upper()


def test_an_entry_is_kept_until_its_time_is_over():
    for name, seconds in (("over", -1), ("good", 60), ("forever", None)):
        cache.set(name, [seconds], seconds)

    assert cache.get("over") is None
    assert cache.get("good") == [60]
    assert cache.get("forever") == [None]


def test_the_last_one_stays():
    cache.set("a", 1, -1)
    cache.set("a", 2, 60)

    assert cache.get("a") == 2


def test_one_is_added_where_there_is_none_that_is_good():
    assert cache.add("a", 1, 60) is True
    assert cache.add("a", 2, 60) is False
    assert cache.get("a") == 1

    cache.set("a", 1, -1)
    assert cache.add("a", 3, 60) is True
    assert cache.get("a") == 3


def test_more_time_is_given_to_one_that_is_there():
    cache.set("a", 1, 60)

    assert cache.touch("a", -1) is True
    assert cache.touch("unknown", 60) is False

    assert cache.get("a") is None
    assert cache.get("unknown") is None


def test_its_end_is_the_second_that_was_asked_for():
    begun = timezone.now()
    cache.set("a", 1, 60)

    with connection.cursor() as cursor:
        cursor.execute("SELECT expires FROM cache")
        [(stored,)] = cursor.fetchall()

    if connection.vendor == "postgresql":
        assert timedelta(seconds=59) <= stored - begun <= timedelta(seconds=61)
    else:
        assert len(str(stored)) == len("2026-11-28 12:00:00")
