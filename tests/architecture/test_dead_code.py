"""Nothing is kept that nobody uses: events, columns, parameters, templates, functions, classes."""

import ast
import inspect
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import Field, Model
from django.urls import URLPattern, URLResolver, get_resolver

from authserver.audit.events import Event
from authserver.protocol.specs.authorization_request import STRINGS, AuthorizationRequest
from docs.generator.source import PRODUCT, ROOT, Module, called_name, constant, modules
from tests.architecture.findings import assert_none

SOURCES = modules(*PRODUCT)
EVERYWHERE = modules(*PRODUCT, "deploy", "docs", migrations=True)
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
WORD = re.compile(r"\w+")
IN_A_TEMPLATE = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)

# Looking for a row is not writing it.
ONLY_READS = {"filter", "exclude", "get", "Q", "first", "order_by", "values", "only", "aggregate"}
REGISTERS = {"register", "receiver", "checks"}  # who is called by a registry, not by its name
FOR_STRANGERS = "authserver.resource"  # the kit: others call it
DEFINED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
STRANGERS = ("django.", "oauth2_provider.", "allauth.")  # whose abstract models ours stand on


def test_every_event_is_recorded():
    recorded = {
        node.attr
        for module in SOURCES
        if module.name != "authserver.audit.events"
        for node in module.nodes
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "Event"
    }

    assert_none(sorted(set(Event.names) - recorded), "events that nothing raises")


def test_every_parameter_of_a_request_is_judged_or_used():
    """A parameter that is taken and then forgotten promises what nobody does."""
    holders = {"request", "authorization_request", "asked"}
    read = {
        node.attr
        for module in SOURCES
        for node in module.nodes
        if isinstance(node, ast.Attribute)
        and (getattr(node.value, "id", None) or getattr(node.value, "attr", "")) in holders
    }
    fields = set(AuthorizationRequest.__dataclass_fields__)

    assert set(STRINGS) < fields
    assert_none(sorted(fields - read), "parameters that nobody reads")


def own_fields() -> Iterator[tuple[type[Model], Field]]:
    """The columns that our own models add; keys that the database makes are no business of ours."""
    for model in apps.get_models():
        if not model.__module__.startswith(PRODUCT):
            continue
        strange = [each for each in model.__mro__ if each.__module__.startswith(STRANGERS)]
        theirs = {
            field.name
            for each in strange
            if hasattr(each, "_meta")
            for field in each._meta.local_fields
        }
        for field in model._meta.local_fields:
            if not field.primary_key and field.name not in theirs:
                yield model, field


@cache
def written_names() -> set[str]:
    """Every name that code gives a value to: a keyword, an attribute, a key of a mapping."""
    written: set[object] = set()
    for module in SOURCES:
        for node in module.nodes:
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if called not in ONLY_READS:
                    written |= {each.arg for each in node.keywords if each.arg}
                marked = [each.value for each in node.keywords if each.arg == "mark"]
                written |= {each.value for each in marked if isinstance(each, ast.Constant)}
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                written.add(node.attr)
            elif isinstance(node, ast.Dict):
                written |= {each.value for each in node.keys if isinstance(each, ast.Constant)}
    return {each for each in written if isinstance(each, str)}


@cache
def on_forms() -> set[tuple[type[Model], str]]:
    """What an operator writes by a form of the admin, on a page of its own or in another's."""
    pages = list(admin.site._registry.values())
    inlines = [inline(page.model, admin.site) for page in pages for inline in page.inlines]
    return {
        (each.model, name)
        for each in [*pages, *inlines]
        for name in (flatten_fieldsets(each.fieldsets) if each.fieldsets else names_of(each))
        if name not in each.readonly_fields
    }


def names_of(page: BaseModelAdmin) -> list[str]:
    if page.fields is None:
        return _editable(page.model)
    return [name for each in page.fields for name in ([each] if isinstance(each, str) else each)]


def _editable(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.fields if field.editable]


def fills_itself(field: Field) -> bool:
    """Django writes the time, or the model a value that is another one for each row."""
    auto = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    return auto or (callable(field.default) and field.default not in (dict, list))


def test_every_column_is_written():
    dead = [
        f"{model._meta.label}.{field.name}"
        for model, field in own_fields()
        if not fills_itself(field)
        if (model, field.name) not in on_forms()
        if not {field.name, field.attname} & written_names()
    ]

    assert sum(1 for _ in own_fields()) > 100
    assert_none(sorted(dead), "columns that nothing writes")


def views(patterns: list[URLPattern | URLResolver]) -> Iterator[type]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns)
        else:
            wrapped = inspect.unwrap(
                pattern.callback, stop=lambda each: hasattr(each, "view_class")
            )
            if view := getattr(wrapped, "view_class", None):
                yield view


def test_every_template_is_rendered():
    """Named by code or by another template of ours, or the page of a view that we route."""
    texts = [module.text for module in SOURCES]
    texts += [path.read_text(encoding="utf-8") for path in TEMPLATES]
    of_views = {getattr(each, "template_name", None) for each in views(get_resolver().url_patterns)}
    unused = [
        name
        for name in (path.relative_to(ROOT / "templates").as_posix() for path in TEMPLATES)
        if name not in of_views and not any(f'"{name}"' in text for text in texts)
    ]

    assert_none([each for each in unused if each not in NAMED_BY_LIBRARIES], "unused templates")


# Rendered by a library under a name that it puts together, or in the place of its own.
NAMED_BY_LIBRARIES = {
    "account/messages/logged_in.txt",
    "account/messages/logged_out.txt",
    "account/messages/password_changed.txt",
    "admin/base_site.html",
    "admin/change_form.html",
    "admin/change_list.html",
}


def definitions() -> Iterator[tuple[str, str, str]]:
    """Functions and classes at the top of a module, where no decorator hands them on.

    Each as where it stands, its module, and its own name.
    """
    for module in modules(*PRODUCT, "deploy"):
        if module.name.startswith(FOR_STRANGERS) or module.name.endswith(".apps"):
            continue
        by_convention = "Command" if ".management.commands." in module.name else "SessionStore"
        for node in module.tree.body:
            if not isinstance(node, DEFINED) or node.name == by_convention:  # Django finds it so
                continue
            if not any(is_handed_on(one) for one in node.decorator_list):
                yield f"{module.path}:{node.lineno} {node.name}", module.name, node.name


def is_handed_on(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and called_name(decorator) in REGISTERS


def last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def uses(module: Module) -> Iterator[tuple[str, str]]:
    """Names that a module uses, each with the module that it takes it of; empty for one in reach.

    A method of the same name is another thing, and so are a word of a comment and a parameter.
    """
    called = {
        alias.asname: last(alias.name)
        for node in module.nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    for node in module.nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield "", called.get(node.id, node.id)
        elif isinstance(node, ast.Attribute):
            holder = called_name(node.value)
            yield called.get(holder, holder), node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            path, _, name = node.value.rpartition(".")
            if path:  # Django takes things by a string
                yield last(path), name


def ways_to(module: str, name: str) -> set[tuple[str, str]]:
    """The name in reach, of its module or app, or of a module that hands it on."""
    package, _, stem = module.rpartition(".")
    places = {"", stem, last(package)} | handed_on()[name]
    return {(place, name) for place in places}


@cache
def handed_on() -> dict[str, set[str]]:
    """Name -> the modules that import it only so that others find it there."""
    doors: dict[str, set[str]] = defaultdict(set)
    for module in EVERYWHERE:
        listed = constant("__all__", module.tree)
        faces = set(ast.literal_eval(listed)) if listed else set()
        for node in module.nodes:
            for alias in node.names if isinstance(node, ast.ImportFrom) else []:
                if alias.asname == alias.name or alias.name in faces:
                    doors[alias.name].add(last(module.name))
    return doors


def test_every_function_and_class_is_used_by_the_product():
    """What tests alone call is no part of the product."""
    used = {each for module in EVERYWHERE for each in uses(module)}
    used |= {
        ("", word)
        for path in TEMPLATES
        for tag in IN_A_TEMPLATE.findall(path.read_text(encoding="utf-8"))
        for word in WORD.findall(tag)
    }
    unused = [place for place, module, name in definitions() if not ways_to(module, name) & used]

    assert_none(unused, "functions and classes that only tests use, or nothing")


@pytest.mark.parametrize(
    ("text", "is_used"),
    [
        ("spent()", True),
        ("budget.spent()", True),
        ("from a import budget as b\nb.spent()", True),
        ("from a.budget import spent as gone\ngone()", True),
        ("VIEW = 'a.budget.spent'", True),
        ("FORM = {'spent': 1}", False),
        ("consent.spent()", False),
        ("def of(spent): ...", False),
        ("class Row:\n    def spent(self): ...", False),
        ("row(spent=1)  # spent", False),
    ],
)
def test_a_function_is_told_from_what_has_its_name(text, is_used):
    used = set(uses(Module("example.py", text)))

    assert bool({("", "spent"), ("budget", "spent")} & used) is is_used


@pytest.mark.parametrize("top", ["authserver", "clients", "consents", "deploy"])
def test_a_class_has_its_name_alone(top):
    """Within one program; apps.py and commands are named by Django."""
    names = Counter(
        node.name
        for module in modules(top)
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and node.name not in {"Command", "Migration"}
    )

    assert_none([name for name, times in names.items() if times > 1], "names of several classes")
