"""Bring database and static files up to date and register runs, in one process.

Started with the suite's base URL, the resource's base URL, the kit's folder, the front and the
names of the runs; writes one configuration per run into the folder.
"""

import os
import sys
from collections.abc import Collection
from pathlib import Path

from django.core.management import call_command

from authserver.loading import load_django
from deploy.conformance.plans import runs_behind


def main(suite: str, resource: str, folder: Path, front: str, names: Collection[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authserver.settings")
    load_django()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    for run in (run for run in runs_behind(front) if run.alias in names):
        variant = ",".join(f"{name}={value}" for name, value in run.variant.named.items())
        call_command(
            "conformance_config",
            plan=run.plan,
            variant=variant,
            suite=suite,
            alias=run.alias,
            ecosystem=run.ecosystem,
            front=run.front,
            resource=resource,
            folder=folder,
            out=folder / "configurations" / f"{run.alias}.json",
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4], sys.argv[5:])
