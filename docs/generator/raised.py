"""Every public sentence that the code refuses a request with, found where it is raised."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from authserver.protocol.errors import OAuthError
from authserver.protocol.profiles import OFFERED
from authserver.protocol.profiles.base import OUR_CHOICE
from docs.generator.source import (
    PRODUCT,
    Function,
    Module,
    called_name,
    constant,
    functions,
    modules,
    qualified,
    strings_in,
)

OF_THE_CALLER = "of the caller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A sentence, the class it is raised as, the clauses it may cite, and ``file:function``."""

    error: type[OAuthError]
    sentence: str
    clauses: tuple[str, ...]
    place: str


@cache
def classes() -> dict[str, type[OAuthError]]:
    """Every OAuth error, by the name of its class, in the order in which they are defined."""
    return {each.__name__: each for each in _below(OAuthError) if each is not OAuthError}


def _below(parent: type[OAuthError]) -> Iterator[type[OAuthError]]:
    yield parent
    for child in parent.__subclasses__():
        yield from _below(child)


@cache
def refusals() -> tuple[Refusal, ...]:
    return tuple(each for module in modules(*PRODUCT) for each in _of(module))


def _of(module: Module) -> Iterator[Refusal]:
    for function, within in functions(module.tree):
        for call in _own_calls(function):
            error = classes().get(called_name(call))
            sentence = _sentence(call, module)
            if error is not None and sentence:
                yield Refusal(
                    error=error,
                    sentence=sentence,
                    clauses=_named_at(call, within) or _clauses(function, module, seen=frozenset()),
                    place=f"{module.path}:{qualified(function, within)}",
                )


def _own_calls(function: Function) -> Iterator[ast.Call]:
    """The calls in the function itself, not those in functions inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Call):
            yield node
        if not isinstance(node, Function | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))


def _sentence(call: ast.Call, module: Module) -> str:
    if not call.args:
        return ""
    node: ast.expr | None = call.args[0]
    if isinstance(node, ast.Name):
        node = constant(node.id, module.tree)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_part(each, module) for each in node.values)
    return ""


def _part(node: ast.expr, module: Module) -> str:
    """A literal part or a constant as it is; a value by its name, in angle brackets."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.FormattedValue)
    name = ast.unparse(node.value)
    known = constant(name, module.tree)
    return str(known.value) if isinstance(known, ast.Constant) else f"<{name.lower()}>"


def _named_at(call: ast.Call, within: tuple[ast.AST, ...]) -> tuple[str, ...]:
    """The clause that the call itself names; of a profile's rule, what each profile cites.

    ``self.clause`` stands for what the objects of the class around it are made with.
    """
    for keyword in call.keywords:
        if keyword.arg == "clause" and isinstance(keyword.value, ast.Constant):
            return (str(keyword.value.value),)
        if keyword.arg == "clause" and (rule := _profile_rule(keyword.value)):
            cited = {profile.clauses[rule] for profile in OFFERED.values()} - {OUR_CHOICE}
            return tuple(sorted(cited))
        if keyword.arg == "clause" and ast.unparse(keyword.value) == "self.clause":
            return _made_with({each.name for each in within if isinstance(each, ast.ClassDef)})
    return ()


def _made_with(names: set[str]) -> tuple[str, ...]:
    """Every ``clause="..."`` that a class of these names is called with."""
    return tuple(
        sorted(
            {
                str(keyword.value.value)
                for module in modules(*PRODUCT)
                for call in module.nodes
                if isinstance(call, ast.Call) and called_name(call) in names
                for keyword in call.keywords
                if keyword.arg == "clause" and isinstance(keyword.value, ast.Constant)
            }
        )
    )


def _profile_rule(node: ast.expr) -> str:
    """``profile.clauses["scope_required"]`` -> scope_required."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return ""


def _clauses(function: Function, module: Module, *, seen: frozenset[str]) -> tuple[str, ...]:
    """The one that its ``@requirement`` cites; without one, those of who calls it.

    Callers elsewhere count too where they name the module: ``rules.end_is_ahead(...)``.
    """
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and called_name(decorator) == "requirement":
            return tuple(strings_in(decorator, module=module.tree)[:1])
    clauses: dict[str, None] = {}
    for caller, place in _callers(function, module):
        if caller.name not in seen:
            known = _clauses(caller, place, seen=seen | {function.name, caller.name})
            clauses |= dict.fromkeys(known)
    return tuple(clauses) or (OF_THE_CALLER,)


def _callers(function: Function, module: Module) -> Iterator[tuple[Function, Module]]:
    """Who calls it in its own module by its name; nobody there: elsewhere by module and name."""
    own = [each for each, _ in functions(module.tree) if function.name in _names_called(each)]
    if own:
        yield from ((each, module) for each in own)
        return
    named = f"{module.name.rpartition('.')[2]}.{function.name}"
    for other in modules(*PRODUCT):
        if other is not module and named in other.text:
            for each, _ in functions(other.tree):
                if named in {ast.unparse(call.func) for call in _own_calls(each)}:
                    yield each, other


def _names_called(function: Function) -> set[str]:
    return {called_name(call) for call in _own_calls(function)}
