"""Who may import whom: imports point down this list, and no package imports its neighbour."""

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import FunctionType

import pytest

from docs.generator.source import Module, called_name, modules
from tests.architecture.findings import assert_none
from tests.architecture.layers import (
    DEPTH,
    KIT,
    LINES,
    SOURCES,
    imports_of,
    is_in,
    is_private,
    place_of,
)

TOP, DOOR = 0, 2

# Parts of an app that a visitor, an operator or Django itself comes in by.
TOPS = {"apps", "checks", "management", "urls"}
DOORS = {"admin", "api", "views"}

# The kit takes along no more than this.
OF_THE_KIT = {"authserver.protocol", "authserver.resource"}
WITHOUT_DJANGO = {"authserver.protocol"}
TOOLKIT = {"authserver.storage.toolkit"}


def depth_of(name: str) -> int:
    place = place_of(name)
    if is_in(name, WITHOUT_DJANGO):
        return DEPTH[place]
    parts = set(name.removeprefix(place).split("."))
    if parts & TOPS:
        return TOP
    return DOOR if parts & DOORS else DEPTH[place]


def is_upward(here: str, there: str) -> bool:
    """A package may use all of itself, except that nothing below its doors uses them."""
    if not place_of(there) or is_in(there, {KIT}):
        return False
    if place_of(here) == place_of(there):
        return depth_of(there) < depth_of(here)
    return depth_of(there) <= depth_of(here)


def test_the_list_names_what_there_is():
    names = {module.name for module in SOURCES}

    assert {name for line in LINES for name in line} <= names
    assert names >= OF_THE_KIT | WITHOUT_DJANGO


@pytest.mark.parametrize(
    ("here", "there", "upward"),
    [
        ("authserver.endpoints.par", "clients.authentication.authenticate", False),
        ("clients.authentication", "authserver.endpoints.par", True),
        ("clients.models", "clients.admin.ClientAdmin", True),
        ("clients.admin", "clients.models.Client", False),
        ("clients.admin", "consents.admin.ConsentAdmin", True),
        ("authserver.keys.actions", "authserver.accounts.models.User", True),
        ("authserver.protocol.specs.dpop", "authserver.protocol.profiles.checks", True),
        ("authserver.protocol.specs.dpop", "authserver.protocol.specs.mtls", False),
        ("authserver.tokens.audience", "authserver.protocol.profiles.checks.type_is_listed", False),
        ("authserver.endpoints.userinfo", "authserver.resource.possession", False),
        ("authserver.web.pages", "authserver.ecosystems.models.Ecosystem", True),
        ("consents.actions", "django.db.models", False),
    ],
)
def test_the_rule_tells_up_from_down(here, there, upward):
    assert is_upward(here, there) is upward


def test_imports_point_downwards():
    upward = [
        f"{module.name} imports {imported}"
        for module in SOURCES
        if not is_in(module.name, {KIT})
        for imported in imports_of(module)
        if is_upward(module.name, imported)
    ]

    assert_none(upward, "imports that do not point down")


# Where modules know each other, and why nobody has to read one alone.
IN_CIRCLES = {
    "authserver.protocol.jose": "the package is the face of its modules, and has their words",
    "authserver.protocol.profiles": "the package lists them, and has the words to write one",
    "clients.admin": "pages that lead to each other, found by the package",
    "consents": "a type reads a consent's details, and a consent is shown by its types",
}


def uses_of(module: Module) -> set[str]:
    """The modules of ours that it imports, or names a model of, wherever in it that stands."""
    names = {each.name for each in SOURCES}
    imported = {
        name
        for each in imports_of(module)
        for name in (each, each.rpartition(".")[0])
        if name in names
    }
    return imported - {module.name}


@cache
def circles() -> tuple[str, ...]:
    """Every module from which a way over imports leads back to it."""
    uses = {module.name: uses_of(module) for module in SOURCES}
    found = []
    for name, following in uses.items():
        seen: set[str] = set()
        waiting = set(following)
        while waiting:
            each = waiting.pop()
            seen.add(each)
            waiting |= uses[each] - seen
        if name in seen:
            found.append(name)
    return tuple(found)


def test_no_module_stands_on_itself():
    """Not for its types either: of two that know each other, nobody can read one alone."""
    new = [name for name in circles() if not is_in(name, set(IN_CIRCLES))]

    assert_none(new, "modules in a circle")


@pytest.mark.parametrize("room", IN_CIRCLES)
def test_a_circle_that_is_gone_is_forgotten(room):
    assert [name for name in circles() if is_in(name, {room})]


def test_no_model_is_looked_up_by_its_name_to_hide_a_circle():
    hidden = [
        f"{module.path}:{node.lineno}"
        for module in modules("authserver/tokens", "clients", "consents")
        for node in module.nodes
        if isinstance(node, ast.Call) and called_name(node) == "get_model"
    ]

    assert_none(hidden, "models looked up by name")


def test_the_resource_kit_takes_little_along():
    too_much = [
        f"{module.name} imports {imported}"
        for module in SOURCES
        if is_in(module.name, {KIT})
        for imported in imports_of(module)
        if place_of(imported) and not is_in(imported, OF_THE_KIT)
    ]

    assert_none(too_much, "imports that the kit would take along")


@pytest.mark.parametrize(
    ("program", "allowed"), [("deploy/demo/tpp", set()), ("deploy/demo/bank", OF_THE_KIT)]
)
def test_the_demos_strangers_share_no_code_with_the_server(program, allowed):
    """They show what a third party and a bank can do from outside; the bank has the kit."""
    sources = modules(program)
    shared = [
        f"{module.name} imports {imported}"
        for module in sources
        for imported in imports_of(module)
        if place_of(imported) and not is_in(imported, allowed)
    ]

    assert sources
    assert_none(shared, "imports that a stranger cannot have")


def test_the_screens_of_the_way_ask_the_interaction_and_nothing_else_of_the_protocol():
    screens = {"consents.views.journey", "authserver.accounts.views", "authserver.accounts.forms"}
    protocol = {
        "authserver.endpoints",
        "authserver.grants",
        "authserver.protocol",
        "authserver.tokens",
        "clients",
    }
    asked = [
        f"{module.name} imports {imported}"
        for module in SOURCES
        if module.name in screens
        for imported in imports_of(module)
        if is_in(imported, protocol) and not is_in(imported, {"authserver.protocol.requirements"})
    ]

    assert screens <= {module.name for module in SOURCES}
    assert_none(asked, "imports of a screen that the interaction should answer")


def test_what_is_asked_knows_no_browser():
    """A person can be asked on another device by a door beside ``browser``, with nothing copied."""
    delivery = {
        f"authserver.interaction.{name}"
        for name in ("browser", "context", "middleware", "screens", "sentences")
    }
    asked = [module for module in SOURCES if is_in(module.name, {"authserver.interaction"})]
    browsers = [
        f"{module.name} imports {imported}"
        for module in asked
        if module.name not in delivery
        for imported in imports_of(module)
        if is_in(imported, delivery | {"django.http", "django.urls", "django.shortcuts"})
    ]

    assert delivery < {module.name for module in asked}
    assert_none(browsers, "imports by which what is asked would depend on how it is delivered")


def test_only_doors_use_the_resource_kit():
    below = [
        f"{module.name} imports {imported}"
        for module in SOURCES
        if not is_in(module.name, {KIT})
        for imported in imports_of(module)
        if is_in(imported, {KIT}) and depth_of(module.name) > DOOR
    ]

    assert_none(below, "uses of the kit below the doors")


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("joserfc", lambda name: is_in(name, {"authserver.protocol.jose"})),
        ("oauth2_provider", lambda name: name in TOOLKIT),
        (
            "rest_framework",
            lambda name: is_in(name, {KIT}) or "api" in name.split("."),
        ),
        ("django", lambda name: not is_in(name, WITHOUT_DJANGO)),
    ],
)
def test_a_library_stays_where_it_belongs(library, allowed):
    elsewhere = [
        f"{module.name} imports {imported}"
        for module in SOURCES
        if not allowed(module.name)
        for imported in imports_of(module)
        if is_in(imported, {library})
    ]

    assert_none(elsewhere, f"imports of {library} where it does not belong")


ALLAUTHS_INSIDES = "authserver.accounts.allauth_internals"
DJANGOS_INSIDES = "authserver.storage.django_internals"
INSIDES = {ALLAUTHS_INSIDES, DJANGOS_INSIDES}
# Documented, in spite of the underscore; and DRF's name for Django's request, in its own kit.
DOCUMENTED = {"_meta", "_default_manager", "_replace", "_asdict", "_fields", "_request"}


@pytest.mark.parametrize(
    ("imported", "private"),
    [
        ("allauth.account.internal.stagekit.stash_login", True),
        ("django.db.models.sql.compiler.SQLCompiler", True),
        ("django.db.models._private", True),
        ("allauth.account.views.LoginView", False),
        ("authserver.tokens._private", False),
        ("django.db.models.QuerySet", False),
    ],
)
def test_the_rule_tells_what_is_private(imported, private):
    assert is_private(imported) is private


def test_what_others_keep_to_themselves_is_imported_in_one_place():
    elsewhere = [
        f"{module.name} imports {imported}"
        for module in SOURCES
        if module.name not in INSIDES
        for imported in imports_of(module)
        if is_private(imported)
    ]

    assert_none(elsewhere, "imports of what others promise nothing of")


def own_names() -> set[str]:
    """Every name with an underscore that a function, a class or a value of ours has."""
    names: set[str] = set()
    for module in SOURCES:
        for node in module.nodes:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
    return {name for name in names if name.startswith("_")}


def test_what_others_keep_to_themselves_is_used_in_one_place():
    ours = own_names()
    elsewhere = [
        f"{module.path}:{node.lineno} uses {node.attr}"
        for module in SOURCES
        if module.name not in INSIDES
        for node in module.nodes
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.endswith("__")
        and (node.attr not in ours or is_of_a_parent(node))
        and node.attr not in DOCUMENTED
    ]

    assert_none(elsewhere, "uses of what others promise nothing of")


def is_of_a_parent(node: ast.Attribute) -> bool:
    called = node.value.func if isinstance(node.value, ast.Call) else None
    return isinstance(called, ast.Name) and called.id == "super"


def overridden() -> Iterator[str]:
    """Every method of ours with an underscore that a stranger's class above it has, too."""
    for module in SOURCES:
        if module.name in INSIDES or not any(
            isinstance(node, ast.ClassDef) for node in module.nodes
        ):
            continue
        for each in vars(import_module(module.name)).values():
            if isinstance(each, type) and each.__module__ == module.name:
                strangers = [base for base in each.__mro__ if not place_of(base.__module__)]
                yield from (
                    f"{each.__module__}.{each.__qualname__}.{name}"
                    for name, value in vars(each).items()
                    if isinstance(value, FunctionType)
                    and name.startswith("_")
                    and not name.endswith("_")  # what enum documents does
                    and any(name in vars(base) for base in strangers)
                )


def test_what_others_keep_to_themselves_is_overridden_in_one_place():
    assert_none(sorted(set(overridden())), "methods that take the place of a private one")
