"""How a module looks: short, finished, and silent."""

import ast
import re

import pytest

from docs.generator.source import PRODUCT, Module, modules
from tests.architecture.findings import assert_none
from tests.architecture.layers import calls_of

LONGEST = 250
SOURCES = modules(*PRODUCT, "deploy")
SERVER = modules(*PRODUCT)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError|pragma: no cover")
BARE_IGNORE = re.compile(r"#\s*(type: ignore|noqa)(?![\[:])")
NAMES_TO_AVOID = re.compile(r"(^|_)(manager|helper|helpers|util|utils|factory)(_|$)")


def test_no_module_is_longer_than_a_reader_can_hold():
    long = [
        f"{module.path}: {lines} lines"
        for module in SOURCES
        if (lines := module.text.count("\n")) > LONGEST
    ]

    assert_none(long, f"modules of more than {LONGEST} lines")


@pytest.mark.parametrize("pattern", [UNFINISHED, BARE_IGNORE], ids=["unfinished", "bare ignore"])
def test_nothing_is_left_unfinished_or_silenced_without_a_reason(pattern):
    found = [
        f"{module.path}:{number}: {line.strip()}"
        for module in SOURCES
        for number, line in enumerate(module.text.splitlines(), start=1)
        if pattern.search(line)
    ]

    assert_none(found, "lines like that")


def test_the_server_prints_nothing():
    loud = [module.path for module in SERVER if "print" in calls_of(module)]

    assert_none(loud, "modules that print")


def test_names_are_those_of_the_field():
    vague = [
        module.path
        for module in SOURCES
        if any(NAMES_TO_AVOID.search(part) for part in module.name.split("."))
    ]

    assert_none(vague, "modules with a name that says nothing")


def test_every_module_says_what_it_is():
    silent = [
        module.path
        for module in SERVER
        if module.text.count("\n") > 10 and not says_what_it_is(module)
    ]

    assert_none(silent, "modules that do not say what they are")


def says_what_it_is(module: Module) -> bool:
    """By its docstring; models, apps and urls may leave that to their classes."""
    if ast.get_docstring(module.tree):
        return True
    classes = [node for node in module.tree.body if isinstance(node, ast.ClassDef)]
    return bool(classes) and all(map(ast.get_docstring, classes))
