"""The layers, and what a module imports and calls."""

import ast
from collections.abc import Iterator
from functools import cache

from docs.generator.source import PRODUCT, Module, called_name, modules

# A name stands for the module or package and all that is in it, unless another name is longer.
LINES = [
    {"authserver"},  # settings, urls, wsgi, checks, commands: they see everything
    {"authserver.dashboard"},  # the operators' site stands on everybody's admin
    {"authserver.endpoints"},  # and every door: see DOORS
    {"authserver.backoffice"},  # what the admins of all apps are made of
    {"authserver.interaction", "authserver.grants"},
    {"authserver.tokens"},
    {"consents"},
    {"clients"},
    {"authserver.accounts", "authserver.keys", "authserver.replay"},
    {"authserver.ecosystems"},
    {"authserver.audit"},
    {"authserver.web", "authserver.storage", "authserver.outbound"},
    {"authserver.storage.django_internals"},
    {"authserver.protocol.profiles"},
    {"authserver.protocol.specs"},
    {"authserver.protocol.jose", "authserver.protocol.requirements"},
    {"authserver.protocol.errors", "authserver.protocol.strict_json"},
    {"authserver.protocol.clauses"},
    {"authserver.protocol"},
]

DEPTH = {name: depth for depth, line in enumerate(LINES) for name in line}

KIT = "authserver.resource"  # of resource servers: strangers use it
SOURCES = modules(*PRODUCT)


@cache
def imports_of(module: Module) -> tuple[str, ...]:
    """Every name that the module imports, wherever in it the import stands."""
    return tuple(_imports_of(module))


def _imports_of(module: Module) -> Iterator[str]:
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.path}: no relative imports"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def is_in(name: str, packages: set[str]) -> bool:
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


@cache
def place_of(name: str) -> str:
    """The longest name of the list that the module is, or is inside of; empty for a stranger's."""
    return max((each for each in DEPTH if is_in(name, {each})), key=len, default="")


PRIVATE_OF_DJANGO = {
    "django.db.models.sql",
    "django.db.models.query.get_related_populators",
    "django.db.models.expressions.DatabaseDefault",
}

OF_TYPES_ALONE = {"django.utils.functional._StrPromise"}  # the stubs have it, nothing that runs


def is_private(imported: str) -> bool:
    """True for a stranger's name that it promises nothing of."""
    if place_of(imported) or is_in(imported, {KIT} | OF_TYPES_ALONE):
        return False
    parts = imported.split(".")
    insides = "internal" in parts or is_in(imported, PRIVATE_OF_DJANGO)
    return insides or any(part.startswith("_") and part != "__future__" for part in parts)


def calls_of(module: Module) -> set[str]:
    return {called_name(node) for node in module.nodes if isinstance(node, ast.Call)}
