"""What the records come to: the page of results, and what is wrong beyond what is expected."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from deploy.conformance.plans import Run, Variant
from deploy.conformance.records import GOOD, Finding, RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A finding that is known and explained; an empty member fits everything."""

    why: str
    module: str
    condition: str
    plan: str = ""
    variant: str = ""

    def explains(self, run: Run, module: str, finding: Finding) -> bool:
        return (
            self.plan in ("", run.plan)
            and run.variant.agrees_with(self.variant)
            and self.module == module
            and self.condition == finding.condition
        )


def expected_in(path: Path) -> list[Expected]:
    """Read the list of expected findings; a member that is not known raises TypeError."""
    return [Expected(**entry) for entry in json.loads(path.read_text())]


def unexpected(
    records: Iterable[RunRecord], expected: Sequence[Expected]
) -> list[tuple[Run, str, str]]:
    """Everything that went wrong and is not explained: run, module and a sentence."""
    faults = []
    for record in records:
        for name, module in record.modules.items():
            unexplained = [
                finding
                for finding in module.findings
                if not any(each.explains(record.run, name, finding) for each in expected)
            ]
            faults += [(record.run, name, str(finding)) for finding in unexplained]
            if not module.findings and not module.is_good:
                faults.append((record.run, name, f"ended as {module.result}, not as it should"))
    return faults


HEADER = (
    "| plan | profile | variant | front | modules | passed | review | skipped | warnings | failures"
    " | date | commit | suite |\n"
    "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- | --- |\n"
)
INTRODUCTION = """# Results

Written by `make conformance` from what was measured, and by nothing else. "modules" are those
that ran, of those that the plan has in this variant. A module counts as passed when the suite says
PASSED, as review when it ended on an error page of ours that a person has to look at, as skipped
when the suite found nothing to test. "warnings" and "failures" count modules with at least one.

"""


def results_page(records: Iterable[RunRecord], expected: Sequence[Expected]) -> str:
    """RESULTS.md: a table of the runs, then a line for each thing that is not as it should be."""
    begun = [record for record in records if record.modules]
    rows = "".join(_row(record) for record in begun)
    wrong = unexpected(begun, expected)
    lines = [
        f"- `{run.alias}` ({run.front}) {module}: {sentence}" for run, module, sentence in wrong
    ]
    rest = "\n".join(lines) if lines else "None."
    pages = "\n".join(_pages(begun))
    return (
        f"{INTRODUCTION}{HEADER}{rows}\n## Failures and warnings\n\n{rest}\n\n"
        f"## Pages to look at\n\n{pages}\n"
    )


def _pages(records: Iterable[RunRecord]) -> list[str]:
    """A line for every module that ended on an error page: the errors that the page showed."""
    shown: dict[str, Counter[str]] = {}
    for record in records:
        for name, module in record.modules.items():
            if module.pages:
                shown.setdefault(name, Counter()).update(module.pages)
    return [
        f"- {name}: {', '.join(f'{code} ({times})' for code, times in sorted(codes.items()))}"
        for name, codes in sorted(shown.items())
    ]


def _row(record: RunRecord) -> str:
    variant = record.run.variant.named
    described = ", ".join(variant[each.name] for each in fields(Variant) if each.name in variant)
    failed = sum(module.result not in (*GOOD, "WARNING") for module in record.modules.values())
    cells: Mapping[str, Any] = {
        "plan": record.run.plan,
        "profile": record.run.profile,
        "variant": described,
        "front": record.run.front,
        "modules": f"{len(record.modules)} of {len(record.listed)}",
        "passed": record.count("PASSED"),
        "review": record.count("REVIEW"),
        "skipped": record.count("SKIPPED"),
        "warnings": record.findings("warning"),
        "failures": failed,
        "date": record.date,
        "commit": record.commit,
        "suite": record.suite,
    }
    return f"| {' | '.join(str(value) for value in cells.values())} |\n"
