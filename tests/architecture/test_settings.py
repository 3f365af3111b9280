"""The settings are one package of short files, and each setting stands in one of them."""

import ast
from collections import Counter

from authserver import settings as package
from docs.generator.setting_page import LISTED
from docs.generator.source import PRODUCT, modules
from tests.architecture.findings import assert_none
from tests.architecture.layers import imports_of, is_in

SETTINGS = package.__name__
FILES = {module.name: module for module in modules("authserver/settings")}
PACKAGE = FILES.pop(SETTINGS)


def stars() -> list[str]:
    """The modules that the package takes every name of."""
    return [
        node.module or ""
        for node in PACKAGE.nodes
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
    ]


def names_of(tree: ast.Module) -> list[str]:
    """What a file sets, with what a condition of it sets."""
    return [
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id.isupper()
    ]


def test_the_package_lists_and_takes_every_file():
    listed = [f"{SETTINGS}.{name}" for name in LISTED.findall(PACKAGE.text)]

    assert len(FILES) > 5
    assert sorted(listed) == sorted(stars()) == sorted(FILES)


def test_each_setting_stands_in_one_file():
    """Of two, the one that is taken last would silently count."""
    times = Counter(name for module in FILES.values() for name in set(names_of(module.tree)))

    assert len(times) > 100
    assert names_of(PACKAGE.tree) == []
    assert_none([name for name, files in times.items() if files > 1], "settings of two files")


def test_the_settings_know_nothing_of_the_server():
    """They are read before there is one; what stands in it is named by strings."""
    imports = [
        f"{module.name} imports {imported}"
        for module in FILES.values()
        for imported in imports_of(module)
        if is_in(imported, set(PRODUCT)) and not is_in(imported, {SETTINGS})
    ]

    assert_none(imports, "imports of the settings")


def test_the_server_asks_django_for_its_settings():
    """What is imported of the package is not what a test or a command has set."""
    around = [
        f"{module.name} imports {imported}"
        for module in modules(*PRODUCT, "deploy")
        if not is_in(module.name, {SETTINGS})
        for imported in imports_of(module)
        if is_in(imported, {SETTINGS})
    ]

    assert_none(around, "imports of the settings that go around Django")
