"""Register what a plan of the OpenID conformance suite needs, and print its configuration.

The two clients live in an ecosystem made for tests, in which one factor is enough to sign in: the
suite's browser can type a password and knows no second factor.
"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from deploy.conformance.configuration import configuration
from deploy.conformance.material import Material, folder_of
from deploy.conformance.plans import EMBEDDED, NGINX, PLANS, BadVariant, Run, Variant
from deploy.conformance.registration import Registration
from deploy.demo.private_files import write_private


class Command(BaseCommand):
    help = "Register the two clients of a conformance plan and print the suite's configuration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--plan", required=True, help=" or ".join(PLANS))
        parser.add_argument("--variant", default="", help="name=value,name=value")
        parser.add_argument("--suite", required=True, help="the suite's base URL")
        parser.add_argument("--alias", default="", help="names the run in the suite's URLs")
        parser.add_argument("--out", type=Path, help="a file for it, readable by its owner alone")
        parser.add_argument(
            "--ecosystem", default="", help="instead of the one that fits the variant"
        )
        parser.add_argument(
            "--front",
            choices=(EMBEDDED, NGINX),
            default=EMBEDDED,
            help="behind nginx a certificate that authenticates is self-signed",
        )
        parser.add_argument(
            "--resource",
            default="https://localhost:18445",
            help="base URL of the kit's resource program",
        )
        parser.add_argument(
            "--folder", type=Path, help="where keys and certificates are kept (.conformance/FRONT)"
        )

    @transaction.atomic
    def handle(self, **options: Any) -> None:
        try:
            run = Run.of(
                options["plan"],
                Variant.parse(options["variant"]),
                ecosystem=options["ecosystem"],
                front=options["front"],
            )
        except BadVariant as fault:
            raise CommandError(str(fault)) from None
        text = json.dumps(self._made(run, **options), indent=2)
        if options["out"]:
            write_private(options["out"], text.encode() + b"\n")
        else:
            self.stdout.write(text)

    def _made(
        self,
        run: Run,
        *,
        suite: str,
        alias: str,
        resource: str,
        folder: Path | None,
        **options: Any,
    ) -> dict[str, Any]:
        alias = alias or run.alias
        material = Material.kept_in(folder or folder_of(run.front))
        registration = Registration(
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
            raise CommandError(f"It cannot be registered: {fault}") from None
        return configuration(
            run,
            alias=alias,
            suite=suite.rstrip("/"),
            resource=resource.rstrip("/"),
            ecosystem=ecosystem,
            clients=(clients[0], clients[1]),
            material=material,
        )
