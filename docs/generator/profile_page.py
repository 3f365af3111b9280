"""docs/profiles.md: every profile as a table, and what each changes of the one it stands on."""

from authserver.protocol.profiles import OFFERED
from authserver.protocol.profiles.base import OUR_CHOICE, Profile
from authserver.protocol.profiles.table import Difference, Row, comparison, rows, rules
from docs.generator.markdown import code, linked, page, table

INTRODUCTION = """\
A profile is data: rules, numbers and checks, each with the clause that it comes from. The profile
of an ecosystem is the floor; the ecosystem's own settings and a client's registration may only be
stricter. `manage.py profile NAME --compare OTHER` prints the same tables, `manage.py
profile_report ECOSYSTEM PROFILE` says what the clients of an ecosystem would break under another
profile, and every ecosystem publishes its own at `/<ecosystem>/profile`."""


def render() -> str:
    profiles = list(OFFERED.values())
    return page(
        "Profiles",
        INTRODUCTION,
        "## Side by side",
        _side_by_side(profiles),
        *(part for profile in profiles for part in _of(profile)),
    )


def _of(profile: Profile) -> list[str]:
    base = OFFERED.get(profile.base)
    parts = [
        f"## {profile.title}",
        f"{code(profile.name)}; stands on {_base(profile)}."
        + (f" {linked('The specification', profile.url)}." if profile.url else ""),
    ]
    if base is not None:
        parts += [f"What it changes of {base.title}:", _differences(comparison(base, profile))]
    return [*parts, "All of it:", _table(rows(profile))]


def _base(profile: Profile) -> str:
    base = OFFERED.get(profile.base)
    return base.title if base else profile.base or "itself"


def _table(profile_rows: list[Row]) -> str:
    return table(
        ["Clause", "Rule", "Value", "Enforced in"],
        ([_clause(row), row.rule, row.value, code(row.enforced)] for row in profile_rows),
    )


def _differences(differences: list[Difference]) -> str:
    return table(
        ["Clause", "Rule", "There", "Here"],
        (
            [
                _clause(each.other) if each.other else "",
                each.rule,
                each.one.value if each.one else "not there",
                each.other.value if each.other else "not there",
            ]
            for each in differences
        ),
    )


def _side_by_side(profiles: list[Profile]) -> str:
    values = {profile.name: {row.name: row.value for row in rows(profile)} for profile in profiles}
    return table(
        ["Rule", *(code(profile.name) for profile in profiles)],
        (
            [rule.sentence, *(values[profile.name][name] for profile in profiles)]
            for name, rule in rules()
        ),
    )


def _clause(row: Row) -> str:
    return row.clause if row.clause == OUR_CHOICE else linked(row.clause, row.url)
