"""What was measured: one file per run, kept so that a broken-off run goes on where it was."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from deploy.conformance.plans import Run
from deploy.conformance.suite import Outcome

GOOD = ("PASSED", "REVIEW", "SKIPPED")
ERROR_CODE = re.compile(
    r'id="error-code"[^>]*>\s*([a-z_]+)\s*<'
)  # as templates/error.html writes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A condition of the suite that did not hold, and the clauses that it names."""

    kind: str
    condition: str
    sentence: str
    requirements: Sequence[str] = ()

    def __str__(self) -> str:
        clauses = f" [{', '.join(self.requirements)}]" if self.requirements else ""
        return f"{self.kind} {self.condition}: {self.sentence}{clauses}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleRecord:
    """The last outcome of one module; ``result`` in the suite's words.

    ``pages`` are the pages that the suite kept for a person to look at: the error code that our
    page shows, empty for a page without one.
    """

    result: str
    seconds: float
    log_id: str
    findings: Sequence[Finding] = ()
    pages: Sequence[str] = ()

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        remarks = [entry for entry in outcome.log if entry.get("result") in ("FAILURE", "WARNING")]
        return cls(
            result="INTERRUPTED" if outcome.status == "INTERRUPTED" else outcome.result,
            seconds=round(outcome.seconds, 1),
            log_id=outcome.id,
            findings=[
                Finding(
                    kind=entry["result"].lower(),
                    condition=str(entry.get("src", "")),
                    sentence=str(entry.get("msg", ""))[:500],
                    requirements=list(entry.get("requirements") or ()),
                )
                for entry in remarks
            ],
            pages=[
                shown[1] if (shown := ERROR_CODE.search(str(entry["page_source"]))) else ""
                for entry in outcome.log
                if "page_source" in entry
            ],
        )

    @property
    def is_good(self) -> bool:
        """Passed without a remark; an error page counts where it is ours and says its error."""
        return self.result in GOOD and not self.findings and all(self.pages)


@dataclass(slots=True, kw_only=True)
class RunRecord:
    """One run: ``listed`` are all modules that the plan has, ``modules`` those that ran.

    ``commit`` is that of this server's source, empty where it is not a checkout.
    """

    run: Run
    plan_id: str = ""
    suite: str = ""
    date: str = ""
    commit: str = ""
    listed: list[str] = field(default_factory=list)
    modules: dict[str, ModuleRecord] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, run: Run) -> Self:
        """Read the run's file; a run that was never begun has an empty record."""
        if not path.exists():
            return cls(run=run)
        written = json.loads(path.read_text())
        modules = {
            name: ModuleRecord(**module | {"findings": [Finding(**f) for f in module["findings"]]})
            for name, module in written["modules"].items()
        }
        return cls(
            run=run,
            modules=modules,
            **{name: written[name] for name in ("plan_id", "suite", "date", "commit", "listed")},
        )

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.with_suffix(".new")
        whole.write_text(json.dumps(asdict(self), indent=1))
        whole.replace(path)

    @property
    def is_complete(self) -> bool:
        return bool(self.listed) and set(self.listed) <= set(self.modules)

    def count(self, *results: str) -> int:
        counted = Counter(module.result for module in self.modules.values())
        return sum(counted[result] for result in results)

    def findings(self, kind: str) -> int:
        """How many modules have at least one finding of this kind."""
        return sum(
            any(finding.kind == kind for finding in module.findings)
            for module in self.modules.values()
        )
