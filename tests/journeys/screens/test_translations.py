"""Every sentence that a person reads is there in every language we offer."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.support.sentences import TOPS, sentences_in_code, sentences_in_templates

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%[sd]")


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
    if lacking := sorted(wanted - said):
        pytest.fail("\n".join([f"not there in {language}:", *lacking]), pytrace=False)


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
