"""Where each requirement id stands: in the code that enforces it, in the tests that prove it."""

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache

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


@cache
def in_code() -> Places:
    """Requirement id -> ``file:function`` that says it implements it, and profiles that set it."""
    found: Places = {}
    for module in modules(*PRODUCT, "deploy"):
        for function, within in functions(module.tree):
            for each in _ids(function.decorator_list, module):
                _add(found, each, f"{module.path}:{qualified(function, within)}")
    for clause, place in _of_profiles():
        _add(found, clause, place)
    return found


def _of_profiles() -> Iterator[tuple[str, str]]:
    for profile in OFFERED.values():
        path = f"authserver/protocol/profiles/{profile.name.replace('-', '_')}.py"
        inherited = OFFERED[profile.base].clauses if profile.base in OFFERED else {}
        for field, clause in profile.clauses.items():
            if clause not in (OUR_CHOICE, inherited.get(field)):
                yield clause, f"{path}:{field}"


@cache
def in_tests() -> Places:
    """Requirement id -> ``file::test`` that is marked with it."""
    found: Places = {}
    for module in modules("tests"):
        for each, place in _marks(module):
            _add(found, each, place)
    return found


def _marks(module: Module) -> Iterator[tuple[str, str]]:
    """A mark counts for its test; on a class or at the top of a module, for all tests there."""
    for function, within in functions(module.tree):
        if function.name.startswith("test"):
            around = [decorator for node in within for decorator in _decorators(node)]
            for each in _ids([*function.decorator_list, *around], module):
                yield each, f"{module.path}::{qualified(function, within).replace('.', '::')}"
    for node in module.tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            for each in _ids([node], module):
                yield each, module.path


def _decorators(node: ast.AST) -> list[ast.expr]:
    return node.decorator_list if isinstance(node, Function | ast.ClassDef) else []


def _ids(nodes: Sequence[ast.AST], module: Module) -> list[str]:
    """The ids of every ``requirement(...)`` below the nodes, ``pytest.mark.requirement`` too."""
    return [
        each
        for node in nodes
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and called_name(call) == "requirement"
        for each in strings_in(call, module=module.tree)
    ]


def _add(found: Places, requirement_id: str, place: str) -> None:
    places = found.setdefault(requirement_id, [])
    if place not in places:
        places.append(place)


def in_order(ids: Collection[str]) -> list[str]:
    """Sorted as people count: 5.3.2.2-2 before 5.3.2.2-12."""
    return sorted(ids, key=_counted)


def _counted(text: str) -> list[tuple[int, int, str]]:
    parts = re.findall(r"\d+|\D+", text)
    return [(0, int(each), "") if each.isdigit() else (1, 0, each) for each in parts]
