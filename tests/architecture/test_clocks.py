"""A test that tells the minute or the day of its own clock holds the clock: one may end meanwhile.

What it compares came from the same clock a moment before, or comes from it a moment later. Once in
a thousand runs, or every evening, that is another minute or another day.
"""

import ast
from collections.abc import Iterator

import pytest

from docs.generator.source import modules
from tests.architecture.findings import assert_none

READS_A_CLOCK = {"now", "today", "localdate", "localtime", "utcnow"}
OWNERS = {"timezone", "datetime", "date"}
IN_DAYS = {"date", "day", "month", "year", "hour", "minute", "weekday", "strftime", "ctime"}
TRUNCATED = {"hour", "minute", "second"}
HELD = "still"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _reads_a_clock(node: ast.AST) -> bool:
    """``timezone.now()``, ``date.today()``, ``datetime.now(UTC)``, or ``now()``."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr=name)):
            return name in READS_A_CLOCK and ast.unparse(owner).rpartition(".")[2] in OWNERS
        case ast.Call(func=ast.Name(id=name)):
            return name in READS_A_CLOCK
    return False


def _of_a_clock(node: ast.AST, names: set[str]) -> bool:
    return any(
        _reads_a_clock(each) or (isinstance(each, ast.Name) and each.id in names)
        for each in ast.walk(node)
    )


def _instants(function: Function) -> set[str]:
    """The names that a function gives to what a clock says, and to what it makes of that."""
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _is_an_instant(node.value, found):
            targets = (name for target in node.targets for name in ast.walk(target))
            found |= {name.id for name in targets if isinstance(name, ast.Name)}
    return found


def _is_an_instant(value: ast.expr, names: set[str]) -> bool:
    """Read, added to or truncated; what is made by calling anything else is another thing."""
    match value:
        case ast.Name(id=name):
            return name in names
        case ast.BinOp():
            return _is_an_instant(value.left, names) or _is_an_instant(value.right, names)
        case ast.Call(func=ast.Attribute(value=owner, attr="replace" | "astimezone")):
            return _is_an_instant(owner, names)
        case ast.Call():
            return _reads_a_clock(value)
    return False


def _told_in_days(function: Function) -> Iterator[ast.expr]:
    names = _instants(function)
    for node in ast.walk(function):
        match node:
            case ast.FormattedValue(value=value, format_spec=ast.JoinedStr() as spec):
                if "%" in ast.unparse(spec) and _of_a_clock(value, names):
                    yield node
            case ast.Attribute(value=value, attr=attr) if attr in IN_DAYS:
                if _is_an_instant(value, names):
                    yield node
            case ast.Call(func=ast.Attribute(value=value, attr="replace"), keywords=keywords):
                if TRUNCATED & {each.arg for each in keywords} and _is_an_instant(value, names):
                    yield node
            case ast.Call(func=ast.Attribute(attr="today" | "localdate")) if _reads_a_clock(node):
                yield node


def _holds(function: Function, module: ast.Module) -> bool:
    """It names the fixture, or it, or its whole module, is marked to use it."""
    marks = [*function.decorator_list, *(n for n in module.body if isinstance(n, ast.Assign))]
    return HELD in {each.arg for each in function.args.args} or any(
        isinstance(each, ast.Call)
        and ast.unparse(each.func) == "pytest.mark.usefixtures"
        and HELD in {ast.literal_eval(name) for name in each.args}
        for mark in marks
        for each in ast.walk(mark)
    )


def _found(text: str, path: str = "") -> list[str]:
    module = ast.parse(text)
    functions = [each for each in ast.walk(module) if isinstance(each, Function)]
    inner = {each for outer in functions for each in ast.walk(outer) if each is not outer}
    return [
        f"{path}:{node.lineno}: {ast.unparse(node)}"
        for function in functions
        if function not in inner and not _holds(function, module)
        for node in _told_in_days(function)
    ]


def test_no_test_tells_a_day_of_a_clock_that_runs():
    found = [each for m in modules("tests") for each in _found(m.text, m.path)]

    assert_none(found, "days or minutes of a clock that runs; let the test use the fixture `still`")


@pytest.mark.parametrize(
    "line",
    [
        "until = timezone.now() + timedelta(days=90)\n    assert f'{until:%H:%M}' in page",
        "now = timezone.now()\n    until = now + YEAR\n    assert str(until.day) in page",
        "ask(timezone.now().date().isoformat())",
        "ask(date.today())",
        "end = (timezone.now() + DAY).replace(hour=20, minute=30)",
        "assert timezone.now().strftime('%B') in page",
        "def ask():\n        return timezone.now().date()\n    assert ask() in page",
        "assert str((now() + DAY).date()) in page",
    ],
)
def test_the_rule_sees_it(line):
    assert _found(f"def test(page):\n    {line}\n")
    assert not _found(f"def test({HELD}, page):\n    {line}\n")
    assert not _found(f"@pytest.mark.usefixtures('{HELD}')\ndef test(page):\n    {line}\n")
    assert not _found(f"pytestmark = pytest.mark.usefixtures('{HELD}')\ndef test():\n    {line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "until = Consent.objects.get().expires_at\n    assert f'{until:%H:%M}' in page",
        "row = made(now=timezone.now())\n    assert f'{row.ends:%H}' in page",
        "end = timezone.now().replace(microsecond=0)",
    ],
)
def test_the_rule_lets_what_was_stored_be_told(line):
    assert not _found(f"def test(page):\n    {line}\n")
