"""Where each clause and each case stands: in the code it is for, in the tests that prove it."""

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache

from authserver.protocol.clauses import CASES
from authserver.protocol.profiles import OFFERED
from authserver.protocol.profiles.base import OUR_CHOICE
from docs.generator.source import (
    PRODUCT,
    Function,
    Module,
    called_name,
    functions,
    modules,
    qualified,
    strings_in,
)

Places = dict[str, list[str]]
ABOUT_THE_CODE = "tests/architecture/"  # where a number is an example
NAMED_CASE = re.compile(rf"(?<![\w-])(?:{'|'.join(CASES)})-\d+")


@cache
def in_code() -> Places:
    """Clause -> ``file:function`` that says it implements it, and profiles that set it."""
    places = _marked_in_code("requirement")
    for clause, place in _of_profiles():
        _add(places, clause, place)
    return places


@cache
def cases_in_code() -> Places:
    """Case -> ``file:function`` that says it stands against it."""
    return _marked_in_code("case")


def _marked_in_code(mark: str) -> Places:
    places: Places = {}
    for module in modules(*PRODUCT, "deploy"):
        for function, within in functions(module.tree):
            for each in _ids(function.decorator_list, module, mark):
                _add(places, each, f"{module.path}:{qualified(function, within)}")
    return places


def _of_profiles() -> Iterator[tuple[str, str]]:
    for profile in OFFERED.values():
        path = f"authserver/protocol/profiles/{profile.name.replace('-', '_')}.py"
        inherited = OFFERED[profile.base].clauses if profile.base in OFFERED else {}
        for field, clause in profile.clauses.items():
            if clause not in (OUR_CHOICE, inherited.get(field)):
                yield clause, f"{path}:{field}"


@cache
def in_tests() -> Places:
    """Clause -> ``file::test`` that is marked with it."""
    return _marked_in_tests("requirement")


@cache
def cases_in_tests() -> Places:
    """Case -> ``file::test`` that is marked with it, and files that have it among their values."""
    places = _marked_in_tests("case")
    for module in modules("tests"):
        if module.path.startswith(ABOUT_THE_CODE):
            continue
        for each in sorted(set(NAMED_CASE.findall(module.text))):
            if not any(place.startswith(module.path) for place in places.get(each, [])):
                _add(places, each, module.path)
    return places


def _marked_in_tests(mark: str) -> Places:
    places: Places = {}
    for module in modules("tests"):
        for each, place in _marks(module, mark):
            _add(places, each, place)
    return places


def _marks(module: Module, mark: str) -> Iterator[tuple[str, str]]:
    """A mark counts for its test; on a class or at the top of a module, for all tests there."""
    for function, within in functions(module.tree):
        if function.name.startswith("test"):
            around = [decorator for node in within for decorator in _decorators(node)]
            for each in _ids([*function.decorator_list, *around], module, mark):
                yield each, f"{module.path}::{qualified(function, within).replace('.', '::')}"
    for node in module.tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            for each in _ids([node], module, mark):
                yield each, module.path


def _decorators(node: ast.AST) -> list[ast.expr]:
    return node.decorator_list if isinstance(node, Function | ast.ClassDef) else []


def _ids(nodes: Sequence[ast.AST], module: Module, mark: str) -> list[str]:
    """The ids of every ``requirement(...)`` below the nodes, ``pytest.mark.requirement`` too."""
    return [
        each
        for node in nodes
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and called_name(call) == mark
        for each in strings_in(call, module=module.tree)
    ]


def _add(places: Places, name: str, place: str) -> None:
    there = places.setdefault(name, [])
    if place not in there:
        there.append(place)


def in_order(ids: Collection[str]) -> list[str]:
    """Sorted as people count: 5.3.2.2-2 before 5.3.2.2-12."""
    return sorted(ids, key=_counted)


def _counted(text: str) -> list[tuple[int, int, str]]:
    parts = re.findall(r"\d+|\D+", text)
    return [(0, int(each), "") if each.isdigit() else (1, 0, each) for each in parts]
