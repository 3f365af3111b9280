"""What the names in the code say: which value a local holds, what a function does."""

import ast
import re
from collections.abc import Iterator

from docs.generator.source import PRODUCT, Function, functions, modules, qualified
from tests.architecture.findings import assert_none

SOURCES = modules(*PRODUCT, "deploy", "docs/generator")
# Each says that there is a value, and not which one.
SAYS_NOTHING = {"found", "held", "wanted", "said", "told", "kept"}
# ``require_`` and ``verify_`` raise, ``lock_`` locks rows, ``consume_`` uses one-time values up,
# ``throttle_`` limits a rate: these could mean any of the four.
MEANS_SEVERAL_THINGS = re.compile(r"_*(hold|burn|take|demand|ensure|enforce)_")
# A check names what it judges, as ``pkce_uses_s256`` does.
WITHOUT_A_SUBJECT = re.compile(r"_*(it|its|they|their)_")
LIBRARIES = {"http", "requests", "httpx", "urllib3", "aiohttp"}


def test_every_local_says_what_it_holds():
    vague = [
        f"{module.path}:{function.lineno}: {qualified(function, within)} has a local {name}"
        for module in SOURCES
        for function, within in functions(module.tree)
        for name in sorted(SAYS_NOTHING & set(locals_of(function)))
    ]

    assert_none(vague, "locals that do not say what they hold")


def test_one_verb_means_one_thing():
    assert_none(named_like(MEANS_SEVERAL_THINGS), "functions whose verb means several things")


def test_every_check_names_its_subject():
    assert_none(named_like(WITHOUT_A_SUBJECT), "functions that do not say of what they speak")


def test_no_module_is_taken_for_a_library():
    """``requests.get`` means one thing to whoever reads Python."""
    taken = [module.path for module in SOURCES if module.name.rpartition(".")[2] in LIBRARIES]

    assert_none(taken, "modules named like a library that everybody knows")


def test_the_reader_of_names_finds_every_kind_of_local():
    """A reader that finds nothing would let everything above pass."""
    tree = ast.parse(
        "def one(found, *, held=1):\n"
        "    for wanted in found:\n"
        "        said: int = 1\n"
        "    if told := [kept for kept in held]:\n"
        "        pass\n"
        "    def other(elsewhere): ...\n"
    )

    [[one, _], _] = functions(tree)

    assert set(locals_of(one)) == SAYS_NOTHING


def named_like(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{module.path}:{function.lineno}: {qualified(function, within)}"
        for module in SOURCES
        for function, within in functions(module.tree)
        if pattern.match(function.name)
    ]


def locals_of(function: Function) -> Iterator[str]:
    """Its parameters, and every name that it binds itself; not those of functions within it."""
    for each in ast.walk(function.args):
        if isinstance(each, ast.arg):
            yield each.arg
    for node in own_nodes(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.MatchAs | ast.MatchStar | ast.ExceptHandler) and node.name:
            yield node.name


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Function | ast.Lambda | ast.ClassDef):
            yield child
            yield from own_nodes(child)
