"""The system checks that can refuse a start, found where they are reported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from docs.generator.source import PRODUCT, called_name, modules

LEVELS = {"Error": "refuses the start", "Critical": "refuses the start", "Warning": "warns"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemCheck:
    id: str
    level: str
    sentence: str
    hint: str
    place: str


def system_checks() -> list[SystemCheck]:
    """By their ids."""
    checks = [
        each
        for module in modules(*PRODUCT)
        for node in module.nodes
        if isinstance(node, ast.Call) and called_name(node) in LEVELS
        for each in _reported(node, module.path)
    ]
    return sorted(checks, key=lambda each: each.id)


def _reported(call: ast.Call, path: str) -> Iterator[SystemCheck]:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if "id" not in named:
        return
    yield SystemCheck(
        id=_text(named["id"]),
        level=LEVELS[called_name(call)],
        sentence=_text(call.args[0]) if call.args else _text(named.get("msg")),
        hint=_text(named.get("hint")),
        place=path,
    )


def _text(node: ast.expr | None) -> str:
    """A literal as it is; dots for what is put into it."""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(each.value) if isinstance(each, ast.Constant) else "..." for each in node.values
        )
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "" if node is None else "..."
