"""docs/settings.md: every environment variable that the server reads, and why it is there."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from docs.generator.markdown import code, page, table
from docs.generator.source import ROOT, Module, constant, parsed
from docs.generator.system_checks import system_checks

SETTINGS = ROOT / "authserver" / "settings"
KINDS = {
    "str": "text",
    "bool": "yes or no",
    "int": "number",
    "float": "number",
    "list": "list, separated by commas",
    "db_url": "database URL",
    "path": "path",
    "dict": "name=value, separated by commas",
}
REQUIRED = "**required**"
LISTED = re.compile(r"^``(\w+)``", re.MULTILINE)
TOLD = re.compile(r"(AUTHSERVER_\w+(?:, AUTHSERVER_\w+)*) {2,}(.+)")

INTRODUCTION = """\
Everything that differs between two deployments comes from the environment. What is not set has the
value shown, and production is the default: a server does not start where that would be unsafe. What
differs between two ecosystems of one deployment is in their rows, not here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One that is read. ``default`` is None where the server does not start without it."""

    name: str
    kind: str
    default: str | None
    comment: str
    read_in: str


def render() -> str:
    return page(
        "Settings",
        INTRODUCTION,
        table(["Variable", "Type", "Default", "What for", "Read in"], map(_row, variables())),
        "## What is checked before a start",
        "gunicorn ends with status 3 and says which of them refuses; `manage.py check --deploy`"
        " prints all of them. The identifiers do not change.",
        table(
            ["Check", "Effect", "What is wrong", "What to do"],
            ([code(each.id), each.level, each.sentence, each.hint] for each in system_checks()),
        ),
    )


def _row(variable: Variable) -> list[str]:
    default = variable.default
    return [
        code(variable.name),
        variable.kind,
        REQUIRED if default is None else code(default) or "empty",
        variable.comment,
        code(variable.read_in),
    ]


def variables() -> list[Variable]:
    """In the order in which they are read; one that two files read is there twice."""
    by_name: dict[tuple[str, str], Variable] = {}
    for module in (*settings_files(), *map(parsed, sorted(ROOT.glob("deploy/*.py")))):
        for each in _in(module):
            by_name.setdefault((each.name, each.read_in), each)
    return list(by_name.values())


def settings_files() -> list[Module]:
    """In the order in which the package lists them: what an operator needs first stands first."""
    package = parsed(SETTINGS / "__init__.py")
    names = LISTED.findall(ast.get_docstring(package.tree) or "")
    return [parsed(SETTINGS / f"{name}.py") for name in names]


def _in(module: Module) -> Iterator[Variable]:
    comments, purposes = _comments(module), _told_at_the_top(module)
    readings = [(node, _read(node)) for node in ast.walk(module.tree) if isinstance(node, ast.expr)]
    for node, reading in sorted(readings, key=lambda pair: getattr(pair[0], "lineno", 0)):
        if reading is None:
            continue
        name, kind = reading
        default = _default(node, module)
        yield Variable(
            name=name,
            kind=KINDS["int"] if (default or "").isdecimal() else KINDS[kind],
            default=default,
            comment=purposes.get(name) or _comment_for(node.lineno, comments, module),
            read_in=module.path,
        )


def _read(node: ast.expr) -> tuple[str, str] | None:
    """Name and kind of what ``env.KIND("NAME")``, ``os.environ["NAME"]`` and the like read."""
    if isinstance(node, ast.Call) and node.args:
        reader, name = ast.unparse(node.func), node.args[0]
    elif isinstance(node, ast.Subscript):
        reader, name = ast.unparse(node.value), node.slice
    else:
        return None
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return None
    if reader.startswith("env.") and reader.removeprefix("env.") in KINDS:
        return name.value, reader.removeprefix("env.")
    ours = reader in ("os.environ", "os.environ.get") and name.value.startswith("AUTHSERVER_")
    return (name.value, "str") if ours else None


def _told_at_the_top(module: Module) -> dict[str, str]:
    """``NAME, OTHER   what they are for`` in the module's docstring."""
    purposes: dict[str, str] = {}
    for line in (ast.get_docstring(module.tree) or "").splitlines():
        if match := TOLD.fullmatch(line):
            names, text = match[1].split(", "), match[2]
            texts = text.split(", ")
            purposes |= zip(
                names, texts if len(texts) == len(names) else [text] * len(names), strict=True
            )
    return purposes


def _default(node: ast.expr, module: Module) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    given = [each.value for each in node.keywords if each.arg == "default"] + node.args[1:2]
    if not given:
        return None
    value = given[0]
    if isinstance(value, ast.Constant):
        return {"True": "yes", "False": "no"}.get(str(value.value), str(value.value))
    if isinstance(value, ast.List | ast.Tuple) and not value.elts:
        return ""
    if isinstance(value, ast.Name) and (other := _read_into(value.id, module)):
        return f"as {other}"
    text = ast.unparse(value)
    return text[2:-1] if isinstance(value, ast.JoinedStr) else text


def _read_into(name: str, module: Module) -> str:
    """The variable whose value a setting takes."""
    value = constant(name, module.tree)
    reading = _read(value) if value is not None else None
    return reading[0] if reading else ""


def _comments(module: Module) -> dict[int, str]:
    """Line number -> comment, without its mark."""
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    return {
        token.start[0]: token.string.lstrip("# ")
        for token in tokens
        if token.type == tokenize.COMMENT and not token.string.lstrip("# ").startswith("noqa")
    }


def _comment_for(line: int, comments: dict[int, str], module: Module) -> str:
    """On the line itself, or else the nearest ones above it in the same paragraph and block."""
    if line in comments:
        return comments[line]
    lines = module.text.splitlines()
    depth = _depth(lines[line - 1])
    above = line - 1
    while above > 0 and above not in comments:
        if not lines[above - 1].strip() or _depth(lines[above - 1]) < depth:
            return ""
        above -= 1
    sentences: list[str] = []
    while above in comments and lines[above - 1].lstrip().startswith("#"):
        sentences.insert(0, comments[above])
        above -= 1
    return " ".join(sentences)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
