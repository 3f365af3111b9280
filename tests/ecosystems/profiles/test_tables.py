"""A profile can be read as a table, and two of them compared (CBUAE-4.2a: no hidden options)."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from authserver.management.commands.profile import columns
from authserver.protocol import profiles
from authserver.protocol.profiles.base import OUR_CHOICE, Profile
from authserver.protocol.profiles.table import comparison, in_words, rows, rules

requirement = pytest.mark.requirement
ALL = pytest.mark.parametrize("profile", profiles.OFFERED.values(), ids=lambda each: each.name)
UAE, FAPI = profiles.named("cbuae"), profiles.named("fapi2-security")


def printed(*arguments, **options):
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


@requirement("CBUAE-4.2a")
@ALL
def test_nothing_of_a_profile_is_left_out_of_its_table(profile):
    shown = {row.name for row in rows(profile)}

    assert shown >= {name for name, _ in rules()}
    assert shown >= {check.__name__ for check in profile.authorization_checks}
    described = {"name", "title", "base", "url", "clauses", "authorization_checks"}
    assert set(Profile.__dataclass_fields__) == described | {name for name, _ in rules()}


@ALL
def test_every_row_says_where_its_value_comes_from_and_where_it_is_enforced(profile):
    for row in rows(profile):
        assert row.clause
        assert row.value
        assert row.enforced.endswith(".py")
        assert row.url == "" or row.url.startswith("https://")
        assert (row.url == "") or row.clause != OUR_CHOICE


@requirement("CBUAE-4.2a")
@ALL
def test_what_a_profile_changes_it_says_why(profile):
    """Not by the clause of the profile that it stands on, which says something else."""
    base = profiles.OFFERED.get(profile.base, profile)

    unsaid = [
        name
        for name, _ in rules()
        if getattr(profile, name) != getattr(base, name)
        and profile.clauses[name] in {base.clauses[name]} - {OUR_CHOICE}
    ]
    assert unsaid == [], f"{profile.name}: name the clauses of these values"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"),
        (False, "no"),
        (timedelta(seconds=90), "90 s"),
        (timedelta(minutes=10), "10 min"),
        (timedelta(seconds=599), "599 s"),
        (timedelta(days=180), "180 days"),
        (("mtls", "dpop"), "mtls, dpop"),
        ("ignored", "ignored"),
    ],
)
def test_values_are_written_as_people_read_them(value, words):
    assert in_words(value) == words


def test_a_profile_differs_from_itself_in_nothing():
    assert comparison(UAE, UAE) == []


def test_a_comparison_shows_what_changed_and_what_only_one_has():
    other = replace(
        FAPI,
        clock_skew=timedelta(seconds=30),
        authorization_checks=FAPI.authorization_checks[1:],
    )

    found = {each.name: each for each in comparison(FAPI, other)}

    assert set(found) == {"clock_skew", "client_may_use_the_code_flow"}
    skew = found["clock_skew"]
    assert (skew.one and skew.one.value, skew.other and skew.other.value) == ("10 s", "30 s")
    assert found["client_may_use_the_code_flow"].other is None


def test_the_command_prints_the_table():
    text = printed("profile", "cbuae")

    assert text.startswith("Open Finance UAE security profile\n")
    for row in rows(UAE):
        assert any(
            line.startswith(row.clause) and row.rule in line and row.value in line
            for line in text.splitlines()
        )


def test_the_command_compares():
    text = printed("profile", "cbuae", compare="ffi")

    assert len(text.splitlines()) == 2 + len(comparison(UAE, profiles.named("ffi")))
    assert "PS256 [CBUAE-2.3a]" in text
    assert "Open Finance" in text


def test_the_command_knows_no_other_profile():
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("profile", "no-such-profile")


def test_columns_stand_under_each_other():
    assert columns([["A", "B"], ["long", "x"]]) == ["A     B", "long  x"]
