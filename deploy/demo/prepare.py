"""Bring database and static files up to date and load the kit, in one process.

Prints ``done <step>`` after each; started with the path of ``sandbox.json``.
"""

import os
import sys
from pathlib import Path

from django.core.management import call_command

from authserver.loading import load_django


def main(kit: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authserver.settings")
    load_django()
    for command, options in (
        ("migrate", {"interactive": False, "verbosity": 0}),
        ("createcachetable", {"verbosity": 0}),
        ("collectstatic", {"interactive": False, "verbosity": 0}),
    ):
        call_command(command, **options)
        print("done", command, flush=True)
    from deploy.demo.load import load  # models can be imported now

    load(Path(kit))
    print("done load", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
