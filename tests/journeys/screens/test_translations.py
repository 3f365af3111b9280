"""Every sentence that a person reads is there in every language we offer."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

TOPS = ("authserver", "consents")
FOR_OPERATORS = {"admin", "backoffice", "dashboard", "management", "migrations"}
MARKERS = {"_", "N_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "pgettext"}
IN_TEMPLATES = re.compile(
    r"\b(?:n?gettext|_|pgettext\(u'\w+',)[ (]+u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
)
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%[sd]")


def is_read_by_people(path):
    return not FOR_OPERATORS & set(path.parts) and path.stem != "admin"


def sentences_in_code():
    for top in TOPS:
        for path in filter(is_read_by_people, Path(top).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                marker = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
                if isinstance(node, ast.Call) and marker in MARKERS:
                    first = node.args[1 if marker == "pgettext" else 0]
                    if isinstance(first, ast.Constant):  # else its words are marked where they are
                        yield first.value


def sentences_in_templates():
    for path in filter(is_read_by_people, Path("templates").rglob("*.*")):
        for quoted in IN_TEMPLATES.findall(templatize(path.read_text(), origin=str(path))):
            yield ast.literal_eval(quoted).replace("%%", "%")


def catalogs(language):
    found = [Path(top) / "locale" / language / "LC_MESSAGES/django.po" for top in TOPS]
    return [path for path in found if path.exists()]


def entries(path):
    """The entries of a source file: each a mapping of its fields, msgid, msgstr[0] and so on."""
    for block in path.read_text().split("\n\n")[1:]:
        fields = re.findall(r'^(msg\w+(?:\[\d\])?) (".*")$', block, re.MULTILINE)
        yield {name: ast.literal_eval(quoted) for name, quoted in fields}


def sources(language):
    return [entry for path in catalogs(language) for entry in entries(path)]


def translations(entry):
    return [text for name, text in entry.items() if name.startswith("msgstr")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language):
    said = {entry["msgid"] for entry in sources(language) if all(translations(entry))}
    wanted = {*sentences_in_code(), *sentences_in_templates()}

    assert len(wanted) > 300
    assert sorted(wanted - said) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_same_names_and_elements(language):
    for entry in sources(language):
        original = entry["msgid"] + entry.get("msgid_plural", "")
        for text in translations(entry):
            assert set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(original)), text
            assert re.findall(r"</?\w+", text) == re.findall(r"</?\w+", entry["msgid"]), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_files_are_those_of_the_sources(language):
    assert catalogs(language)
    for path in catalogs(language):
        with path.with_suffix(".mo").open("rb") as file:
            compiled = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        expected = [text for entry in entries(path) for text in translations(entry)]

        assert sorted(text for source, text in compiled.items() if source) == sorted(expected)
