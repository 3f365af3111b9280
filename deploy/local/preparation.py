"""A program that makes the server ready, run to its end in a process of its own."""

import contextlib
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from deploy.local.authorization_server import TOP
from deploy.local.programs import ProgramFailed, end_of


@contextlib.contextmanager
def preparation(
    command: Sequence[str], *, environ: Mapping[str, str], log: Path
) -> Iterator[Callable[[str], None]]:
    """Bring the database up to date by a program that prints ``done <step>`` after each step.

    Yields a function that returns when a step is done; it raises ProgramFailed with the end of
    what was said when that will not happen.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            command,
            cwd=TOP,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )

    def wait_for(step: str) -> None:
        assert process.stdout is not None
        if not any(line == f"done {step}\n" for line in process.stdout):
            raise ProgramFailed(f"The database could not be prepared:\n{end_of(log)}")

    with process:
        try:
            yield wait_for
        except BaseException:
            process.terminate()
            raise
