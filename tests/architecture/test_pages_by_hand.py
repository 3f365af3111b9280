"""The pages that are written by hand: short where they promise it, whole, and without dead ends."""

import re

import pytest

from docs.generator import PAGES
from docs.generator.source import ROOT
from tests.architecture.findings import assert_none

MOST_WORDS_OF_THE_README = 900
FOLDERS = (".", "authserver", "consents", "clients", "deploy", "docs")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NAMED_FILE = re.compile(r"`((?:[\w-]+/)+(?:[\w.-]+\.\w+)?)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
DECISIONS = ROOT / "docs" / "decisions"
DECISION_PAGES = sorted(set(DECISIONS.glob("*.md")) - {DECISIONS / "README.md"})
PARTS = ["## Context", "## Choice", "## Consequence"]


def pages():
    for folder in FOLDERS:
        found = (ROOT / folder).glob("*.md" if folder == "." else "**/*.md")
        yield from sorted(found)


def anchor(heading):
    """As GitHub makes it: small letters, no punctuation, a hyphen for each blank."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors_of(path):
    return {anchor(line.lstrip("# ")) for line in path.read_text().splitlines() if line[:1] == "#"}


def leads_nowhere(page, target):
    path, _, fragment = target.partition("#")
    aim = (page.parent / path).resolve() if path else page
    if not aim.exists():
        return True
    return bool(fragment) and aim.suffix == ".md" and fragment not in anchors_of(aim)


def test_every_link_leads_somewhere():
    links = [
        (page, target)
        for page in pages()
        for target in LINK.findall(FENCED.sub("", page.read_text()))
        if "://" not in target
    ]

    assert len(links) > 100
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page, target in links
        if leads_nowhere(page, target)
    ]
    assert_none(dead, "links that lead nowhere")


def test_every_file_that_is_named_is_there():
    named = [
        (page, path)
        for page in pages()
        if page.name not in PAGES and page.name != "CHANGELOG.md"
        for path in NAMED_FILE.findall(page.read_text())
    ]

    assert len(named) > 50
    missing = [
        f"{page.relative_to(ROOT)}: {path}"
        for page, path in named
        if not (ROOT / path).exists() and not (page.parent / path).exists()
    ]
    assert_none(missing, "names of files that are not there")


def test_every_page_is_listed():
    index = (ROOT / "docs" / "README.md").read_text()
    listed = {target.partition("#")[0] for target in LINK.findall(index)}

    assert {path.name for path in (ROOT / "docs").glob("*.md")} - listed == {"README.md"}


def test_the_readme_stays_short():
    words = (ROOT / "README.md").read_text().split()

    assert len(words) <= MOST_WORDS_OF_THE_README, "README.md is too long: shorten another line"


def test_every_decision_is_in_the_index():
    index = (DECISIONS / "README.md").read_text()

    assert len(DECISION_PAGES) > 40
    assert sorted(LINK.findall(index)) == [path.name for path in DECISION_PAGES]


@pytest.mark.parametrize("path", DECISION_PAGES, ids=lambda path: path.stem)
def test_a_decision_has_its_parts(path):
    text = path.read_text()

    assert [line for line in text.splitlines() if line.startswith("## ")] == PARTS
    assert f"[{text.splitlines()[0].removeprefix('# ')}]" in (DECISIONS / "README.md").read_text()


def test_the_readme_says_what_was_measured():
    results = (ROOT / "deploy" / "conformance" / "RESULTS.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in results.splitlines() if line[:6] == "| fapi"]
    modules, warnings, failures = (sum(int(row[at].split()[0]) for row in rows) for at in (4, 8, 9))

    said = (ROOT / "README.md").read_text()
    assert f"suite {rows[0][-1]}: **{len(rows)} variants, {modules:,} modules, " in said
    assert f" {warnings} warnings, {failures} failures**" in said


def test_the_readme_names_what_lies_loose_in_the_project():
    loose = {path.name for path in (ROOT / "authserver").glob("*.py")} - {"__init__.py"}
    said = (
        (ROOT / "README.md").read_text().partition("Loose in `authserver/`")[2].partition("\n")[0]
    )

    assert set(re.findall(r"`(\w+\.py)`", said)) == loose
