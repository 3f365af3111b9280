"""Generate the pages under ``docs/`` from the code, the tests and the profiles."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from authserver.management import pages


class Command(BaseCommand):
    help = "Generate docs/requirements.md, settings.md, endpoints.md, errors.md and profiles.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Write nothing; fail if a page is not current."
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if not check:
            for name in pages.write():
                self.stdout.write(f"docs/{name}")
        elif names := pages.stale():
            raise CommandError(
                f"Not current: {', '.join(names)}. Run manage.py generate_docs and commit them."
            )
