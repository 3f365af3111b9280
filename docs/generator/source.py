"""The project's own source, parsed once: what the generated pages and their tests read."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("authserver", "clients", "consents")

Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")  # where statements have statements


@dataclass(frozen=True, eq=False)
class Module:
    """A file of ours. ``path`` is below the project, with slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All that is in the tree."""
        return tuple(ast.walk(self.tree))

    @property
    def name(self) -> str:
        """As it is imported."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def modules(*tops: str, migrations: bool = False) -> tuple[Module, ...]:
    """Every module below these folders, in the order of their paths."""
    return tuple(
        parsed(path)
        for top in tops
        for path in sorted(ROOT.joinpath(top).rglob("*.py"))
        if migrations or "migrations" not in path.parts
    )


@cache
def parsed(path: Path) -> Module:
    return Module(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


def functions(
    tree: ast.AST, *, within: tuple[ast.AST, ...] = ()
) -> Iterator[tuple[Function, tuple[ast.AST, ...]]]:
    """Every function below the node, with the classes and functions that it stands in."""
    for block in BLOCKS:
        for node in getattr(tree, block, ()):
            if isinstance(node, Function):
                yield node, within
            inside = (*within, node) if isinstance(node, Function | ast.ClassDef) else within
            yield from functions(node, within=inside)


def qualified(function: Function, within: tuple[ast.AST, ...]) -> str:
    """The function's name with those of the classes and functions around it."""
    around = [node.name for node in within if isinstance(node, Function | ast.ClassDef)]
    return ".".join([*around, function.name])


def called_name(node: ast.AST) -> str:
    """The last name of what a call calls: ``raise errors.InvalidScope(...)`` -> InvalidScope."""
    target = node.func if isinstance(node, ast.Call) else node
    if isinstance(target, ast.Attribute):
        return target.attr
    return target.id if isinstance(target, ast.Name) else ""


def strings_in(call: ast.Call, *, module: ast.Module) -> list[str]:
    """The string arguments of a call; ``*NAMES`` are looked up among the module's constants."""
    strings: list[str] = []
    for argument in call.args:
        if isinstance(argument, ast.Starred):
            strings += _constant_strings(argument.value, module)
        elif isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            strings.append(argument.value)
    return strings


def _constant_strings(node: ast.expr, module: ast.Module) -> list[str]:
    if isinstance(node, ast.Name):
        return _constant_strings(value, module) if (value := constant(node.id, module)) else []
    if isinstance(node, ast.Tuple | ast.List):
        return [
            each.value
            for each in node.elts
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
    return []


def constant(name: str, module: ast.Module) -> ast.expr | None:
    """The value that a name is given at the top of a module."""
    for node in module.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in node.targets
        ):
            return node.value
    return None
