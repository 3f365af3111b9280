"""Register what a plan of the OpenID conformance suite needs, and print its configuration.

The two clients live in an ecosystem made for tests, in which one factor is enough to sign in: the
suite's browser can type a password and knows no second factor.
"""

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from authserver.loading import load_django
from deploy.conformance.material import Material, folder_of
from deploy.conformance.plans import EMBEDDED, NGINX, PLANS, BadVariant, Run, Variant
from deploy.local.private_files import write_private

RESOURCE = "https://localhost:18445"


class BadRegistration(Exception):
    """The server's own rules refuse what was to be registered; the text says why."""


@transaction.atomic
def configure(
    run: Run, *, suite: str, alias: str = "", resource: str = RESOURCE, folder: Path | None = None
) -> dict[str, Any]:
    """Register the two clients of a run; return what the suite is told.

    ``suite`` and ``resource`` are base URLs; keys and certificates are kept in ``folder``.
    """
    # Models can be imported once Django is set up, and not before.
    from deploy.conformance.configuration import configuration
    from deploy.conformance.registration import RunRegistration

    alias = alias or run.alias
    material = Material.kept_in(folder or folder_of(run.front))
    registration = RunRegistration(
        run=run,
        alias=alias,
        suite=suite.rstrip("/"),
        resource=resource.rstrip("/"),
        material=material,
        now=timezone.now(),
    )
    try:
        ecosystem, *clients = registration.carry_out()
    except ValidationError as fault:
        raise BadRegistration(f"It cannot be registered: {fault}") from None
    return configuration(
        run,
        alias=alias,
        suite=suite.rstrip("/"),
        resource=resource.rstrip("/"),
        ecosystem=ecosystem,
        clients=(clients[0], clients[1]),
        material=material,
    )


def _options(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser(prog="python -m deploy.conformance.configure", description=__doc__)
    parser.add_argument("--plan", required=True, help=" or ".join(PLANS))
    parser.add_argument("--variant", default="", help="name=value,name=value")
    parser.add_argument("--suite", required=True, help="the suite's base URL")
    parser.add_argument("--alias", default="", help="names the run in the suite's URLs")
    parser.add_argument("--out", type=Path, help="a file for it, readable by its owner alone")
    parser.add_argument("--ecosystem", default="", help="instead of the one that fits the variant")
    parser.add_argument(
        "--front",
        choices=(EMBEDDED, NGINX),
        default=EMBEDDED,
        help="behind nginx a certificate that authenticates is self-signed",
    )
    parser.add_argument(
        "--resource", default=RESOURCE, help="base URL of the kit's resource program"
    )
    parser.add_argument(
        "--folder", type=Path, help="where keys and certificates are kept (.conformance/FRONT)"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> str | None:
    """Return what was wrong, if anything was."""
    options = _options(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authserver.settings")
    load_django()
    try:
        run = Run.of(
            options.plan,
            Variant.parse(options.variant),
            ecosystem=options.ecosystem,
            front=options.front,
        )
        made = configure(
            run,
            suite=options.suite,
            alias=options.alias,
            resource=options.resource,
            folder=options.folder,
        )
    except (BadVariant, BadRegistration) as fault:
        return str(fault)
    text = json.dumps(made, indent=2)
    if options.out:
        write_private(options.out, text.encode() + b"\n")
    else:
        print(text)
    return None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
