"""docs/endpoints.md: every URL, its methods, what it does, and the clauses it implements."""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from docs.generator.markdown import code, linked, page, table
from docs.generator.requirement_groups import address
from docs.generator.source import ROOT, called_name, functions, parsed

INTRODUCTION = """\
Every URL below is below the deployment's own address. `<slug>` is an ecosystem: its issuer is the
address that ends there. Endpoints for machines have the same path on the listener that asks for a
client certificate."""
BY_DECORATOR = {
    "require_safe": ("GET", "HEAD"),
    "require_GET": ("GET",),
    "require_POST": ("POST",),
    "back_channel": ("POST",),
    "published": ("GET", "HEAD"),
}
OPERATORS = "/admin/"
SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    path: str
    methods: tuple[str, ...]
    what: str
    requirements: tuple[str, ...]
    place: str


def render() -> str:
    return page(
        "Endpoints",
        INTRODUCTION,
        table(
            ["URL", "Methods", "What it does", "Clauses", "In"],
            (
                [
                    code(each.path),
                    ", ".join(each.methods),
                    each.what,
                    ", ".join(linked(one, address(one)) for one in each.requirements[:SHOWN]),
                    code(each.place),
                ]
                for each in endpoints()
            ),
        ),
    )


def endpoints() -> list[Endpoint]:
    """In the order of their paths; the operators' site, which is Django's, as one."""
    by_path = {each.path: each for each in map(_endpoint, *_routed(get_resolver().url_patterns))}
    ours = [each for path, each in sorted(by_path.items()) if not path.startswith(OPERATORS)]
    return [*ours, _operators(path for path in by_path if path.startswith(OPERATORS))]


def _operators(paths: Iterable[str]) -> Endpoint:
    return Endpoint(
        path=OPERATORS,
        methods=("GET", "POST"),
        what=f"The operators' site: {len(list(paths))} pages for those who run the server.",
        requirements=(),
        place="authserver/dashboard/site.py",
    )


def _routed(
    routes: Iterable[URLPattern | URLResolver],
) -> tuple[list[str], list[Any]]:
    pairs = sorted(_flat(routes, ""), key=lambda pair: pair[0])
    return [path for path, _ in pairs], [view for _, view in pairs]


def _flat(routes: Iterable[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, Any]]:
    for each in routes:
        path = before + re.sub(r"[\^$]|\\Z", "", str(each.pattern))
        if isinstance(each, URLResolver):
            yield from _flat(each.url_patterns, path)
        else:
            yield "/" + re.sub(r"<\w+:(\w+)>", r"<\1>", path), each.callback


def _endpoint(path: str, callback: Any) -> Endpoint:
    view = getattr(callback, "view_class", None) or inspect.unwrap(callback)
    source = Path(inspect.getsourcefile(view) or "")
    ours = source.is_relative_to(ROOT) and "site-packages" not in source.parts
    return Endpoint(
        path=path,
        methods=_methods(view, source if ours else None),
        what=_first_sentence(view, source if ours else None),
        requirements=tuple(getattr(callback, "requirements", ())),
        place=source.relative_to(ROOT).as_posix() if ours else view.__module__.partition(".")[0],
    )


def _methods(view: Any, source: Path | None) -> tuple[str, ...]:
    if inspect.isclass(view):
        return tuple(
            name.upper()
            for name in view.http_method_names
            if hasattr(view, name) and name not in ("options", "put")
        )
    if source is None:
        return ("GET", "POST")
    for function, _ in functions(parsed(source).tree):
        if function.name == view.__name__:
            return _declared(function)
    return ("GET",)


def _declared(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    """By its decorators, or by what it answers HttpResponseNotAllowed with."""
    for decorator in function.decorator_list:
        name = called_name(decorator)
        if name in BY_DECORATOR:
            return BY_DECORATOR[name]
        if name == "require_http_methods" and isinstance(decorator, ast.Call):
            return tuple(ast.literal_eval(decorator.args[0]))
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and called_name(node) == "HttpResponseNotAllowed":
            return tuple(ast.literal_eval(node.args[0]))
    return ("GET", "POST")


def _first_sentence(view: Any, source: Path | None) -> str:
    """Of the view's docstring, or of its module's; of a library's view, its name in words."""
    docstring = inspect.cleandoc(view.__doc__ or "")
    if source is None or (inspect.isclass(view) and not docstring):
        words = re.findall(r"[A-Z]?[a-z]+", view.__name__.removesuffix("View"))
        return " ".join(words).capitalize() + "."
    if not docstring:
        docstring = ast.get_docstring(parsed(source).tree) or ""
    return " ".join(docstring.partition("\n\n")[0].split())
