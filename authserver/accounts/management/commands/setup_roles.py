"""Create the groups of the operators' site, or bring their permissions up to date."""

from typing import Any

from django.core.management.base import BaseCommand

from authserver.accounts import roles


class Command(BaseCommand):
    help = "Create the groups Operators and Auditors, or bring their permissions up to date."

    def handle(self, **options: Any) -> None:
        roles.set_up()
        self.stdout.write(f"{roles.OPERATORS}; {roles.AUDITORS}")
