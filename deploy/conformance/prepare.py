"""Bring database and static files up to date and register runs, in one process.

Started with the suite's base URL, the resource's base URL, the kit's folder, the front and the
names of the runs; writes one configuration per run into the folder.
"""

import json
import sys
from collections.abc import Collection
from pathlib import Path

from deploy.conformance.plans import runs_behind
from deploy.local.private_files import write_private
from deploy.local.up_to_date import announce, bring_up_to_date


def main(suite: str, resource: str, folder: Path, front: str, names: Collection[str]) -> None:
    bring_up_to_date()
    from deploy.conformance.configure import configure  # models can be imported now

    for run in (run for run in runs_behind(front) if run.alias in names):
        made = configure(run, suite=suite, resource=resource, folder=folder)
        text = json.dumps(made, indent=2)
        write_private(folder / "configurations" / f"{run.alias}.json", text.encode() + b"\n")
    announce("register")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4], sys.argv[5:])
