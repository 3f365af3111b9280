"""The server's database and static files, brought up to date in the process that asks."""

import os

from django.core.management import call_command

from authserver.loading import load_django

STEPS = {
    "migrate": {"interactive": False, "verbosity": 0},
    "createcachetable": {"verbosity": 0},
    "collectstatic": {"interactive": False, "verbosity": 0},
}


def bring_up_to_date() -> None:
    """Load Django and take every step, each announced when it is done."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authserver.settings")
    load_django()
    for command, options in STEPS.items():
        call_command(command, **options)
        announce(command)


def announce(step: str) -> None:
    """Tell whoever waits for this program (see ``preparation``)."""
    print("done", step, flush=True)
