"""Bring database and static files up to date and register runs, in one process.

Started with the suite's base URL, the resource's base URL, the kit's folder, the front and the
names of the runs; writes one configuration per run into the folder.
"""

import json
import os
import sys
from collections.abc import Collection
from pathlib import Path

from django.core.management import call_command

from authserver.loading import load_django
from deploy.conformance.plans import runs_behind
from deploy.demo.private_files import write_private


def main(suite: str, resource: str, folder: Path, front: str, names: Collection[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authserver.settings")
    load_django()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    from deploy.conformance.configure import configure  # models can be imported now

    for run in (run for run in runs_behind(front) if run.alias in names):
        made = configure(run, suite=suite, resource=resource, folder=folder)
        text = json.dumps(made, indent=2)
        write_private(folder / "configurations" / f"{run.alias}.json", text.encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4], sys.argv[5:])
