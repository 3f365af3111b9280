"""Indexes that come and go while requests are answered: with PostgreSQL CONCURRENTLY."""

import re

import pytest
from django.db import connection as proxy
from django.test.utils import CaptureQueriesContext

USERNAMES = ("accounts", "0004_index_of_a_username_in_any_case")
BEFORE_USERNAMES = ("accounts", "0003_wrong_codes")
SESSIONS = ("sessions", "0001_initial")
TOKENS = ("tokens", "0008_indexes_that_are_asked")
BEFORE_TOKENS = ("tokens", "0007_drop_unused_tables")

EVENTS = ("audit", "0009_newest_first")
BEFORE_EVENTS = ("audit", "0008_indexes_of_what_is_forgotten")
NEWEST_TOKENS = ("tokens", "0010_newest_first")
TOKENS_BETWEEN = ("tokens", "0009_nobody_looks_for_a_jti")

pytestmark = pytest.mark.skipif(proxy.vendor != "postgresql", reason="needs PostgreSQL")


def sent(database, *targets):
    """The statements about indexes that migrating sends, each with the limits it runs under."""
    limits, found = {}, []
    with CaptureQueriesContext(database.connection) as captured:
        database.migrate(*targets)
    for each in captured:
        words = each["sql"].split()
        if words[0] in ("SET", "RESET"):
            limits[words[1]] = words[0] == "RESET"
        elif "INDEX" in words[1:3]:
            found.append((each["sql"], limits.get("statement_timeout"), limits.get("lock_timeout")))
    return found


def indexes(database, table):
    with database.connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [table])
        return sorted(definition for (definition,) in cursor.fetchall())


@pytest.mark.parametrize("targets", [[USERNAMES], [TOKENS]], ids=["accounts", "tokens"])
def test_nobody_waits_and_nothing_breaks_off(database, targets):
    before = {USERNAMES: BEFORE_USERNAMES, TOKENS: BEFORE_TOKENS}
    database.migrate(SESSIONS, *(before[each] for each in targets))

    statements = sent(database, *targets)

    assert statements
    for statement, time_is_limited, lock_is_limited in statements:
        assert " CONCURRENTLY " in statement
        assert (time_is_limited, lock_is_limited) == (False, False), statement


def test_what_a_build_that_broke_off_has_left_goes_first(database):
    database.migrate(BEFORE_USERNAMES)
    with database.connection.cursor() as cursor:
        cursor.execute("CREATE INDEX people_by_username ON accounts_user (email)")

    database.migrate(USERNAMES)

    [made] = [each for each in indexes(database, "accounts_user") if "people_by_username" in each]
    assert "upper" in made


def all_indexes(database, app):
    """Of the app's tables, whatever their names are."""
    with database.connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename LIKE %s", [f"{app}%"])
        names = (definition for (definition,) in cursor.fetchall())
        return sorted(re.sub(r"INDEX \S+ ON", "INDEX ON", each) for each in names)


@pytest.mark.parametrize(
    ("before", "after"),
    [(BEFORE_TOKENS, TOKENS), (BEFORE_EVENTS, EVENTS), (TOKENS_BETWEEN, NEWEST_TOKENS)],
    ids=["tokens", "events", "the newest tokens"],
)
def test_the_way_back_has_the_indexes_of_before(database, before, after):
    database.migrate(before)
    then = all_indexes(database, before[0])

    database.migrate(after)
    assert all_indexes(database, before[0]) != then
    database.migrate(before)

    assert all_indexes(database, before[0]) == then


def test_what_databases_of_before_have_for_like_goes(database):
    database.migrate(BEFORE_TOKENS)
    with database.connection.cursor() as cursor:
        cursor.execute(
            "CREATE INDEX tokens_accesstoken_jti_like"
            " ON tokens_accesstoken (jti varchar_pattern_ops)"
        )

    database.migrate(TOKENS)

    assert not [each for each in indexes(database, "tokens_accesstoken") if "pattern" in each]
