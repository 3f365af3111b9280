"""Measure the tests: switch each check off in turn, and see whether a test notices.

    python -m tests.mutation [part of a path or name]

Only the tests that name one of the check's clauses or cases are run, so a survivor is a check whose
clause is named by a test that does not prove it. Prints a line for each and the sum; exits 1 if
one survives.
"""

import ast
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

SOURCES = ("authserver", "clients", "consents")
CHECKED = ("None", "bool")
MARKS = ("requirement", "case")
MARKED = re.compile(r'"([A-Za-z0-9]+(?:-[A-Za-z0-9]+)*-[\w.]+(?:-[\w.]+)*)"')


@dataclass(frozen=True)
class Check:
    """A function that states a truth and can be switched off."""

    path: str
    name: str
    ids: tuple[str, ...]

    @property
    def mutant(self) -> str:
        return f"{self.path}::{self.name}"


def checks() -> list[Check]:
    """Every function marked with a requirement or a case that returns nothing or a truth."""
    found = []
    for top in SOURCES:
        for path in sorted(Path(top).rglob("*.py")):
            tree = ast.parse(path.read_text())
            classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
            owners: list[ast.Module | ast.ClassDef] = [tree, *classes]
            for owner in owners:
                prefix = f"{owner.name}." if isinstance(owner, ast.ClassDef) else ""
                for node in owner.body:
                    if isinstance(node, ast.FunctionDef) and _is_a_check(node):
                        found.append(Check(str(path), prefix + node.name, _ids(node)))
    return found


def _is_a_check(node: ast.FunctionDef) -> bool:
    return bool(_ids(node)) and node.returns is not None and ast.unparse(node.returns) in CHECKED


def _ids(node: ast.FunctionDef) -> tuple[str, ...]:
    ids: list[str] = []
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) in MARKS:
            ids += [ast.literal_eval(each) for each in decorator.args]
    return tuple(ids)


def tests_of(check: Check) -> list[str]:
    """The test files that name one of the check's clauses or cases."""
    return sorted(
        str(path)
        for path in Path("tests").rglob("test_*.py")
        if not {"architecture", "browser", "demo", "races"} & set(path.parts)
        and set(check.ids) & set(MARKED.findall(path.read_text()))
    )


def survives(check: Check) -> bool:
    files = tests_of(check)
    if not files:
        return True
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-v", "-p", "tests.mutation.switch_off", *files],
        env={**os.environ, "MUTANT": check.mutant},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    if "nothing was switched off" in said or not re.search(r"\d+ (passed|failed|error)", said):
        raise SystemExit(f"{check.mutant} could not be judged:\n{said[-2000:]}")
    return done.returncode == 0


def main() -> int:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    chosen = [check for check in checks() if wanted in check.mutant]
    survivors = []
    for number, check in enumerate(chosen, 1):
        began = time.monotonic()
        alive = survives(check)
        word = "SURVIVES" if alive else "killed"
        line = f"{number}/{len(chosen)} {word:8} {time.monotonic() - began:5.1f} s {check.mutant}"
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        if alive:
            survivors.append(check)
    sys.stdout.write(f"{len(chosen)} checks, {len(chosen) - len(survivors)} killed\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main())
