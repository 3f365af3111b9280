"""Every verb that changes something writes its audit event, in a transaction."""

import ast

import pytest

from docs.generator.source import PRODUCT, Function, called_name, modules

WRITES = {
    "bulk_create",
    "bulk_update",
    "create",
    "create_user",
    "delete",
    "get_or_create",
    "save",
    "update",
    "update_or_create",
}

# Verbs that change something and are not an event of their own, each with its reason.
WITHOUT_AN_EVENT: dict[str, str] = {}

ACTIONS = {
    module.path: {node.name: node for node in module.tree.body if isinstance(node, Function)}
    for module in modules(*PRODUCT)
    if module.path.endswith("/actions.py")
}
PUBLIC = [
    (path, name)
    for path, functions in ACTIONS.items()
    for name in functions
    if not name.startswith("_")
]


def calls_in(function: Function) -> set[str]:
    return {called_name(node) for node in ast.walk(function) if isinstance(node, ast.Call)}


def reached_from(name: str, functions: dict[str, Function]) -> set[str]:
    """Every name that the function calls, itself or through functions of its module."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        called = calls_in(functions[waiting.pop()])
        waiting += [each for each in called - found if each in functions]
        found |= called
    return found


def decorators_of(function: Function) -> set[str]:
    return {called_name(each) or ast.unparse(each) for each in function.decorator_list}


def test_there_are_actions():
    assert ("clients/actions.py", "suspend_client") in PUBLIC
    assert "record" in reached_from("suspend_client", ACTIONS["clients/actions.py"])


@pytest.mark.parametrize(("path", "name"), PUBLIC, ids=[":".join(each) for each in PUBLIC])
def test_a_change_is_recorded(path, name):
    functions = ACTIONS[path]
    called = reached_from(name, functions)
    if called.isdisjoint(WRITES) or f"{path}:{name}" in WITHOUT_AN_EVENT:
        return

    assert "record" in called, f"{path}:{name} changes something and records nothing"


@pytest.mark.parametrize(("path", "name"), PUBLIC, ids=[":".join(each) for each in PUBLIC])
def test_a_change_and_its_event_are_one_transaction(path, name):
    """The event must not outlive a change that was rolled back, nor the other way round."""
    function = ACTIONS[path][name]
    called = calls_in(function)
    if called.isdisjoint(WRITES) or "record" not in reached_from(name, ACTIONS[path]):
        return

    assert "atomic" in decorators_of(function) | called, f"{path}:{name} is not atomic"


def test_no_exception_is_left_over():
    for each in WITHOUT_AN_EVENT:
        path, _, name = each.partition(":")
        assert (path, name) in PUBLIC, each
        called = reached_from(name, ACTIONS[path])
        assert called & WRITES, each
        assert "record" not in called, each
