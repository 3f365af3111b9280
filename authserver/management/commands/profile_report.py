"""Say what an ecosystem and its clients would break under another profile."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from authserver.ecosystems.models import Ecosystem
from authserver.management.commands.profile import columns
from authserver.protocol import profiles
from clients.profile_report import report


class Command(BaseCommand):
    help = "Report what the ecosystem's clients would break under a profile; changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ecosystem", help="Its path, for example: openfinance")
        parser.add_argument("profile", choices=list(profiles.OFFERED))

    def handle(self, *args: Any, ecosystem: str, profile: str, **options: Any) -> None:
        try:
            result = report(Ecosystem.objects.get(slug=ecosystem), profiles.named(profile))
        except Ecosystem.DoesNotExist:
            raise CommandError(f"There is no ecosystem {ecosystem}.") from None
        title = f"{result.ecosystem} under {result.profile.title}"
        if result.is_clear:
            self.stdout.write(f"{title}: nothing would break, {result.clients} client(s) fit.")
            return
        self.stdout.write(
            f"{title}: {result.clients_that_break} of {result.clients} client(s) would break."
        )
        lines = [["WHOSE", "SETTING", "WHAT IS WRONG", "CLAUSE"]]
        lines += [["the ecosystem", field, sentence, ""] for field, sentence in result.settings]
        lines += [
            [
                each.client.client_id,
                each.problem.field,
                each.problem.sentence + ("" if each.is_new else " (It is so already.)"),
                each.problem.clause,
            ]
            for each in result.findings
        ]
        for line in columns(lines):
            self.stdout.write(line)
