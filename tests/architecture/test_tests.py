"""How tests are written: they say exactly what they expect, and reach in by public names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.generator.source import ROOT, Module, modules
from tests import support
from tests.architecture.findings import assert_none
from tests.architecture.layers import is_in, is_private

TESTS = modules("tests")
SEAMS = "tests/support/"  # the one place that may know what is private
PATCHES = {"setattr", "delattr", "patch", "object"}
PRIVATE = re.compile(r"(?:^|\.)_(?!_)\w+")
STATUS = re.compile(r"[1-5]\d\d")
OWN = {"self", "cls"}
HELPERS = {
    module.name: Path(module.path)
    for module in TESTS
    if not module.path.startswith(SEAMS)
    and not Path(module.path).name.startswith(("test_", "conftest", "__", "settings"))
}


def loose(module: Module) -> Iterator[int]:
    """Lines that take one of several statuses for an answer: of a set, or between two."""
    for node in module.nodes:
        if not isinstance(node, ast.Compare):
            continue
        chosen = isinstance(node.ops[0], ast.In | ast.NotIn) and (
            is_named_a_status(node.left)
            or (is_named_a_status(node.comparators[0]) and not is_status(node.left))
            or are_statuses(node.comparators[0])
        )
        between = len(node.ops) > 1 and is_status(node.left) and is_status(node.comparators[-1])
        if chosen or between:
            yield node.lineno


def is_named_a_status(node: ast.expr) -> bool:
    name = getattr(node, "attr", getattr(node, "id", ""))
    return name in {"status", "status_code", "statuses"}


def are_statuses(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Tuple | ast.List | ast.Set)
        and len(node.elts) > 1
        and all(map(is_status, node.elts))
    )


def is_status(node: ast.expr) -> bool:
    """A number of HTTP, or what came over the wire in its place."""
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return bool(STATUS.fullmatch(str(value)))


def private_patches(module: Module) -> Iterator[int]:
    """Lines that put something else in the place of what another module calls private."""
    for node in module.nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in PATCHES:
            texts = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
            if any(isinstance(each, str) and PRIVATE.search(each) for each in texts):
                yield node.lineno
        for target in node.targets if isinstance(node, ast.Assign) else []:
            place = target.value if isinstance(target, ast.Subscript) else target
            is_private = isinstance(place, ast.Attribute) and PRIVATE.match(place.attr)
            if is_private and getattr(getattr(place, "value", None), "id", "") not in OWN:
                yield target.lineno


def test_an_answer_has_one_status():
    lines = [f"{module.path}:{line}" for module in TESTS for line in loose(module)]

    assert_none(lines, "tests that would pass with another status")


def test_nothing_private_is_patched_but_by_a_named_seam():
    lines = [
        f"{module.path}:{line}"
        for module in TESTS
        if not module.path.startswith(SEAMS)
        for line in private_patches(module)
    ]

    assert_none(lines, "patches of private names")


@pytest.mark.parametrize(
    ("text", "look"),
    [
        ("assert answer.status_code in (400, 404)", loose),
        ("assert answer.status_code not in WRONG", loose),
        ("assert answer.status in (400, 421)", loose),
        ("assert status in ALLOWED", loose),
        ("assert int(line[1]) in statuses", loose),
        ("assert line.split()[1] in (b'400', b'501')", loose),
        ("assert 400 <= int(line[1]) < 502", loose),
        ('monkeypatch.setattr("a.b._c", None)', private_patches),
        ('monkeypatch.setattr(a, "_c", None)', private_patches),
        ("a._c = None", private_patches),
        ("a._c[1] = None", private_patches),
    ],
)
def test_each_is_found(text, look):
    assert list(look(Module("tests/example.py", text))) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "self._c = 1",
        'setattr(a, "c", 1)',
        'patch.setattr("a.b", 1)',
        "assert answer.status == 400",
        "assert 200 in statuses",
        "assert name in ('one', 'two')",
        "assert 10 < length < 20",
    ],
)
def test_what_is_exact_public_or_ones_own_is_not(text):
    example = Module("tests/example.py", text)

    assert [*private_patches(example), *loose(example)] == []


def test_every_module_beside_the_tests_says_what_it_is_for():
    silent = [
        module.path
        for module in TESTS
        if not module.path.endswith("__init__.py") and ast.get_docstring(module.tree) is None
    ]

    assert_none(silent, "modules without a sentence of their own")


def test_the_list_of_what_tests_share_is_whole():
    there = {path.stem for path in (ROOT / SEAMS).glob("*.py")} - {"__init__"}

    assert set(re.findall(r"^``(\w+)``", support.__doc__ or "", re.MULTILINE)) == there


def imported(module: Module) -> Iterator[str]:
    """What a test imports of tests: each name with its module, however it is spelled."""
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_nobody_imports_a_test():
    """What two modules of tests need lies beside them; what they share is no test."""
    borrowed = [
        f"{module.path} imports {name}"
        for module in TESTS
        for name in imported(module)
        if name.startswith("tests.") and re.search(r"\.test_\w+", name)
    ]

    assert_none(borrowed, "imports of tests")


def test_what_others_keep_to_themselves_is_imported_by_a_named_seam():
    """A test that reaches into a library breaks with its next version, and says nothing of ours."""
    private = [
        f"{module.path} imports {name}"
        for module in TESTS
        if not module.path.startswith(SEAMS)
        for name in imported(module)
        if not is_in(name, {"deploy", "tests"}) and is_private(name)
    ]

    assert_none(private, "imports of what others promise nothing of")


def test_a_helper_of_one_folder_is_used_in_it():
    """What several folders use lies with what all of them share; tests are no helpers."""
    foreign = [
        f"{module.path} imports {node.module}"
        for module in TESTS
        for node in module.nodes
        if isinstance(node, ast.ImportFrom) and node.module in HELPERS
        if HELPERS[node.module].parent not in Path(module.path).parents
    ]

    assert len(HELPERS) > 10
    assert_none(foreign, "imports of another folder's helpers")
