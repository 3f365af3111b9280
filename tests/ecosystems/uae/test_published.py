"""Our schemas against the published rules: a table of facts for each type and version.

A fact stands on a line, indented by its depth: ``Name type! | limit | limit``, where ``!`` is
required, ``[]`` is what an array holds, and ``<Kind>`` is one of several forms. Ours may be
stricter only where ``docs/openfinanceuae.md`` says so, with a reason.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consents import types
from consents.types.schema import FOLDER

requirement = pytest.mark.requirement

PUBLISHED = Path(__file__).parent / "published"
PAGE = Path(__file__).parents[3] / "docs/openfinanceuae.md"
VERSIONS = [
    f"{kind}-consent.{version}"
    for kind in ("account-access", "service-initiation", "insurance")
    for version in ("v1.2", "v2.1", "v2.2")
]
AMOUNT = {"Amount", "Currency"}
WHERE_ACTIVE = {"properties": {"Url": {"format": "uri"}}}

Facts = dict[str, tuple[str, bool, frozenset[str]]]


def published(version: str) -> Facts:
    table = PUBLISHED / f"{version.replace('v2.2', 'v2.1')}.txt"
    facts: Facts = {}
    way: list[str] = []
    for line in table.read_text("utf-8").splitlines():
        head, *limits = line.strip().split(" | ")
        name, kind = head.split(" ")
        way[(len(line) - len(line.lstrip())) // 4 :] = [name]
        facts["/".join(way)] = (kind.rstrip("!"), kind.endswith("!"), frozenset(limits))
    return facts


def ours(version: str) -> Facts:
    document = json.loads((FOLDER / f"openfinanceuae/{version}.json").read_text("utf-8"))
    return {
        way: (kind, required, limits)
        for way, kind, required, limits in _facts(document, document, "")
    }


def _facts(document: Any, schema: Any, way: str) -> Iterator[tuple[Any, ...]]:
    schema = _resolved(document, schema)
    assert schema.get("additionalProperties") is False
    required = schema.get("required", [])
    for name, found in schema["properties"].items():
        found = _resolved(document, found)
        here = f"{way}{name}"
        for form in found.get("oneOf", [found]):
            form = _resolved(document, form)
            if "oneOf" in found:
                kind = f"<{form['properties']['Type']['const']}>"
                here = f"{way}{kind}" if name == "PeriodicSchedule" else f"{way}{name}{kind}"
            limits = _limits(form)
            if name == "Url" and schema.get("then") == WHERE_ACTIVE:
                limits |= {"https where IsActive"}
            yield here, _kind(form), name in required, limits
            yield from _below(document, form, here)


def _below(document: Any, schema: Any, here: str) -> Iterator[tuple[Any, ...]]:
    if "items" in schema:
        item = _resolved(document, schema["items"])
        yield f"{here}/[]", _kind(item), False, _limits(item)
        if "properties" in item:
            yield from _facts(document, item, f"{here}/[]/")
    elif "properties" in schema and _kind(schema) != "amount":
        yield from _facts(document, schema, f"{here}/")


def _resolved(document: Any, schema: Any) -> Any:
    return document["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _kind(schema: Any) -> str:
    if schema.get("properties", {}).keys() == AMOUNT:
        return "amount"
    return str(schema.get("type", "string"))


def _limits(schema: Any) -> frozenset[str]:
    found = set()
    if "enum" in schema:
        found.add("one of " + " ".join(schema["enum"]))
    if "const" in schema and not schema["const"].startswith("urn:"):
        found.add(f"one of {schema['const']}")
    if "format" in schema:
        found.add(schema["format"])
    if "pattern" in schema:
        found.add("pattern " + schema["pattern"].removeprefix("^").removesuffix("$"))
    if schema.get("uniqueItems"):
        found.add("distinct")
    for least, most in (
        ("minLength", "maxLength"),
        ("minItems", "maxItems"),
        ("minProperties", "maxProperties"),
        ("minimum", "maximum"),
    ):
        if least in schema or most in schema:
            found.add(f"{schema.get(least, '')}..{schema.get(most, '')}")
    return frozenset(found)


def documented() -> dict[tuple[str, str], str]:
    """By member and limit, the reason that the page gives for being stricter."""
    rows = re.findall(r"^\| (`[^|]*`) \| (`[^|]*`) \| ([^|]+) \|$", PAGE.read_text("utf-8"), re.M)
    return {
        (member, limit): reason
        for members, limits, reason in rows
        for member in re.findall(r"`([^`]+)`", members)
        for limit in re.findall(r"`([^`]+)`", limits)
    }


def stricter(version: str) -> set[tuple[str, str]]:
    """The members and limits of ours that are not published."""
    theirs = published(version)
    found = set()
    for way, (_, _, limits) in ours(version).items():
        name = way.removesuffix("/[]").rpartition("/")[2]
        if "InsuranceType" in way.rpartition("/")[2] or limits == theirs[way][2]:
            continue
        if version.startswith("insurance") and limits >= {"1..7"}:
            found.add(("InsuranceType", "1..7 of them"))
            limits = limits - {"1..7"}
        found |= {(name, limit) for limit in limits - theirs[way][2]}
    return found


@requirement("CBUAE-2.4a", "CBUAE-2.4b", "CBUAE-2.4c")
@pytest.mark.parametrize("version", VERSIONS)
def test_members_types_and_what_is_required_are_as_published(version):
    theirs = {way: fact[:2] for way, fact in published(version).items()}

    assert {way: fact[:2] for way, fact in ours(version).items()} == theirs


@requirement("CBUAE-2.4a", "CBUAE-2.4b", "CBUAE-2.4c")
@pytest.mark.parametrize("version", VERSIONS)
def test_limits_are_as_published_or_the_page_says_why_not(version):
    reasons = documented()

    assert stricter(version) <= reasons.keys()
    assert all(len(reason) > 20 for reason in reasons.values())


@requirement("CBUAE-2.4a", "CBUAE-2.4b", "CBUAE-2.4c")
@pytest.mark.parametrize("version", VERSIONS)
def test_no_published_limit_is_lost(version):
    for way, (_, _, limits) in ours(version).items():
        name = way.removesuffix("/[]").rpartition("/")[2]
        lost = published(version)[way][2] - limits
        assert not lost or {(name, limit) for limit in limits} & documented().keys(), (way, lost)


def test_the_page_names_no_strictness_that_is_not_there():
    assert documented().keys() == set().union(*map(stricter, VERSIONS))


def test_amounts_are_as_published():
    for version in VERSIONS[3:6]:
        document = json.loads((FOLDER / f"openfinanceuae/{version}.json").read_text("utf-8"))
        amount = document["$defs"]["amount"]
        assert set(amount["required"]) == AMOUNT
        assert amount["properties"]["Amount"]["pattern"] == r"^[0-9]{1,16}\.[0-9]{2}$"
        assert amount["properties"]["Currency"]["pattern"] == "^[A-Z]{3}$"


def test_every_type_on_offer_has_its_table():
    offered = {name for name in types.offered() if name.startswith("urn:openfinanceuae:")}

    named = {f"urn:openfinanceuae:{version.replace('.', ':', 1)}" for version in VERSIONS}
    assert offered - named == {"urn:openfinanceuae:account-access-consent:v1.0"}
    assert named <= offered
