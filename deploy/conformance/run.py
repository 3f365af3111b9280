"""``make conformance``: drive a running suite through every plan and variant, and write it down.

Broken off, it goes on where it was: what ran is kept in the folder ``.conformance``.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path

from deploy.conformance.material import folder_of
from deploy.conformance.our_side import running
from deploy.conformance.plans import EMBEDDED, NGINX, Run, every_run
from deploy.conformance.records import ModuleRecord, RunRecord
from deploy.conformance.results import expected_in, results_page, unexpected
from deploy.conformance.suite import Plan, Suite, SuiteFailed
from deploy.local.programs import ProgramFailed, alone_in
from deploy.local.terminal import Terminal

HERE = Path(__file__).resolve().parent


def main() -> int:
    arguments = _arguments()
    runs = list(_selected(arguments))
    terminal = Terminal()
    if arguments.list:
        for run in runs:
            terminal.say(f"{run.alias:56} {run.front:9} {_progress(_record(run))}")
        return 0
    if not arguments.suite.startswith("https://"):
        raise SuiteFailed("Say where the suite is: make conformance SUITE=https://HOST:PORT")
    suite = Suite.at(
        arguments.suite.rstrip("/"),
        ca_file=os.environ.get("SUITE_CA", ""),
        token=os.environ.get("SUITE_TOKEN", ""),
    )
    signal.signal(signal.SIGTERM, _leave)
    version = suite.version()
    runs = [run for run in runs if arguments.again or not _record(run).is_complete]
    for front in (EMBEDDED, NGINX):
        here = [run for run in runs if run.front == front]
        if here:
            with alone_in(folder_of(front)), running(here, suite=suite.base, terminal=terminal):
                _drive_all(here, suite, version, terminal, arguments)
    return _conclude(terminal)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", default="", help="https://HOST:PORT of a running suite")
    parser.add_argument("--plan", default="", help="only plans whose name has this in it")
    parser.add_argument("--variant", default="", help="only variants with name=value,name=value")
    parser.add_argument("--alias", default="", help="only the run with this name (see --list)")
    parser.add_argument("--front", default="", help=f"only {EMBEDDED} or {NGINX}")
    parser.add_argument("--module", action="append", default=[], help="only these modules")
    parser.add_argument("--together", type=int, default=1, help="this many runs at the same time")
    parser.add_argument("--again", action="store_true", help="also what ran already")
    parser.add_argument("--list", action="store_true", help="say what there is, and stop")
    return parser.parse_args()


def _selected(arguments: argparse.Namespace) -> Iterator[Run]:
    for run in every_run():
        if (
            arguments.plan in run.plan
            and run.variant.agrees_with(arguments.variant)
            and arguments.alias in ("", run.alias)
            and arguments.front in ("", run.front)
        ):
            yield run


def _drive_all(
    runs: Sequence[Run],
    suite: Suite,
    version: str,
    terminal: Terminal,
    arguments: argparse.Namespace,
) -> None:
    """Drive the runs, ``--together`` at a time: a module mostly waits. None disturbs another,
    each having clients and an alias of its own. What goes wrong in one ends them all."""
    ended = threading.Event()
    with ThreadPoolExecutor(max_workers=max(1, arguments.together)) as pool:
        driven = [
            pool.submit(_drive, run, suite, version, terminal, arguments, ended) for run in runs
        ]
        try:
            for each in as_completed(driven):
                each.result()
        except BaseException:
            ended.set()
            raise


def _drive(
    run: Run,
    suite: Suite,
    version: str,
    terminal: Terminal,
    arguments: argparse.Namespace,
    ended: threading.Event,
) -> None:
    """Run what is left of one run, writing its record after every module."""
    if ended.is_set():
        return
    record = _record(run)
    terminal.heading(str(run))
    plan = _plan_of(record, suite)
    for module in plan.modules:
        name = module["testModule"]
        if arguments.module and name not in arguments.module:
            continue
        if name in record.modules and not arguments.again:
            continue
        if ended.is_set():
            return
        outcome = suite.run(plan, module)
        record.modules[name] = measured = ModuleRecord.of(outcome)
        record.date, record.suite = f"{datetime.now(UTC):%Y-%m-%d}", version
        record.commit = _commit()
        record.write(_record_path(run))
        if not measured.is_good:
            log = folder_of(run.front) / "log" / "modules" / f"{run.alias}.{name}.json"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(json.dumps(list(outcome.log), indent=1))
        done = f"{len(record.modules):3} of {len(record.listed)}"
        beside = f"{run.alias}: " if arguments.together > 1 else ""
        terminal.say(f"  {done}  {measured.result:12} {measured.seconds:6.1f} s  {beside}{name}")
        for finding in measured.findings:
            terminal.failed(str(finding))
    terminal.say(f"  {run.alias}: {_progress(record)}")


def _plan_of(record: RunRecord, suite: Suite) -> Plan:
    """The plan that this run was begun with, or a new one."""
    if record.plan_id and (begun := suite.plan(record.plan_id)):
        return begun
    folder = folder_of(record.run.front)
    configuration = folder / "configurations" / f"{record.run.alias}.json"
    plan = suite.create_plan(
        record.run.plan,
        variant=record.run.variant.named,
        configuration=json.loads(configuration.read_text()),
    )
    record.plan_id = plan.id
    record.listed = [module["testModule"] for module in plan.modules]
    return plan


def _commit() -> str:
    """The short id of the checked-out commit, marked where files differ from it."""
    command = ["git", "-C", str(HERE), "describe", "--always", "--dirty", "--exclude", "*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    return done.stdout.strip()


def _record_path(run: Run) -> Path:
    return folder_of(run.front) / "records" / f"{run.alias}.json"


def _record(run: Run) -> RunRecord:
    return RunRecord.read(_record_path(run), run)


def _progress(record: RunRecord) -> str:
    if not record.modules:
        return "not begun"
    return (
        f"{len(record.modules)} of {len(record.listed)} modules: {record.count('PASSED')} passed,"
        f" {record.count('REVIEW')} review, {record.count('SKIPPED')} skipped,"
        f" {record.findings('warning')} with warnings, {record.findings('failure')} with failures"
    )


def _conclude(terminal: Terminal) -> int:
    """Write RESULTS.md from every record there is; 0 if nothing is wrong but what is expected."""
    records = [_record(run) for run in every_run()]
    expected = expected_in(HERE / "expected-failures.json")
    (HERE / "RESULTS.md").write_text(results_page(records, expected))
    wrong = unexpected(records, expected)
    terminal.heading("Results")
    for record in records:
        if record.modules:
            named = f"{record.run.alias:56} {record.run.front:9}"
            terminal.say(f"{named} {_progress(record)}")
    for run, module, sentence in wrong:
        terminal.failed(f"{run} {module}: {sentence}")
    missing = sum(not record.is_complete for record in records)
    terminal.say(f"\n{len(wrong)} unexpected, {missing} of {len(records)} runs incomplete.")
    return 1 if wrong else 0


def _leave(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (SuiteFailed, ProgramFailed) as fault:
        sys.exit(f"\n{fault}\n")
    except KeyboardInterrupt:
        sys.exit(130)
