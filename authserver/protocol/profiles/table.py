"""A profile as a table: clause, rule, value and where it is enforced; and two of them compared."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, get_type_hints

from authserver.protocol.clauses import link
from authserver.protocol.profiles.base import OUR_CHOICE, Check, Profile, Rule

SPELLED = {"pkce": "PKCE", "s256": "S256", "uri": "URI"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule of a profile. ``value`` is for people; ``data`` is it for JSON, times in seconds."""

    name: str
    clause: str
    rule: str
    value: str
    data: Any
    enforced: str

    @property
    def url(self) -> str:
        """Where the clause can be read; empty where there is nothing to read."""
        return "" if self.clause == OUR_CHOICE else link(self.clause.partition(",")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A rule of which two profiles have different values; a row is None where there is none."""

    name: str
    rule: str
    one: Row | None
    other: Row | None


def rows(profile: Profile) -> list[Row]:
    """Every field of the profile that rules something, then every check of its requests."""
    fields = [
        Row(
            name=name,
            clause=profile.clauses[name],
            rule=rule.sentence,
            value=in_words(getattr(profile, name)),
            data=_data(getattr(profile, name)),
            enforced=rule.enforced,
        )
        for name, rule in rules()
    ]
    return fields + [_check(check) for check in profile.authorization_checks]


def comparison(one: Profile, other: Profile) -> list[Difference]:
    """The rules in which they differ, in the order of the tables."""
    ours = {row.name: row for row in rows(one)}
    theirs = {row.name: row for row in rows(other)}
    differences = []
    for name, row in (theirs | ours).items():
        mine, yours = ours.get(name), theirs.get(name)
        if mine is None or yours is None or mine.value != yours.value:
            differences.append(Difference(name=name, rule=row.rule, one=mine, other=yours))
    return differences


@cache
def rules() -> tuple[tuple[str, Rule], ...]:
    """The fields that rule something, with what they rule, in the order of the class."""
    return tuple(_rules())


def _rules() -> Iterator[tuple[str, Rule]]:
    for name, hint in get_type_hints(Profile, include_extras=True).items():
        for note in getattr(hint, "__metadata__", ()):
            if isinstance(note, Rule):
                yield name, note


def _check(check: Check) -> Row:
    name = check.__name__
    ids: tuple[str, ...] = getattr(check, "requirements", ())
    return Row(
        name=name,
        clause=", ".join(ids),
        rule=_sentence(name),
        value="checked",
        data=True,
        enforced=f"{check.__module__.replace('.', '/')}.py",
    )


def _sentence(name: str) -> str:
    words = " ".join(SPELLED.get(word, word) for word in name.split("_"))
    return words[0].upper() + words[1:]


def in_words(value: object) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    for unit, size in (("days", 86_400), ("min", 60)):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _data(value: object) -> Any:
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    return list(value) if isinstance(value, tuple) else value
