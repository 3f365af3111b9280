"""Print a profile as a table, or in what it differs from another one."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand

from authserver.protocol import profiles
from authserver.protocol.profiles.table import comparison, rows


class Command(BaseCommand):
    help = "Print a profile: clause, rule, value, where it is enforced."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=list(profiles.OFFERED))
        parser.add_argument(
            "--compare", choices=list(profiles.OFFERED), help="Print only what differs from it."
        )

    def handle(self, *args: Any, name: str, compare: str | None, **options: Any) -> None:
        profile = profiles.named(name)
        if compare is None:
            head = ["CLAUSE", "RULE", "VALUE", "ENFORCED IN"]
            lines = [[row.clause, row.rule, row.value, row.enforced] for row in rows(profile)]
        else:
            head = ["RULE", name, compare]
            lines = [
                [
                    each.rule,
                    f"{each.one.value} [{each.one.clause}]" if each.one else "-",
                    f"{each.other.value} [{each.other.clause}]" if each.other else "-",
                ]
                for each in comparison(profile, profiles.named(compare))
            ]
        self.stdout.write(profile.title)
        for line in columns([head, *lines]):
            self.stdout.write(line)


def columns(lines: Sequence[Sequence[str]]) -> list[str]:
    """The lines with their cells under each other."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
