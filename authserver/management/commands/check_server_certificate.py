"""Look at the server's own certificate as its clients do; ends with 1 where something is wrong."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from authserver.web import server_certificate


class Command(BaseCommand):
    help = "Connect to our own addresses and say what keeps clients from trusting the certificate."

    def handle(self, *args: Any, **options: Any) -> None:
        warnings = 0
        for report in server_certificate.reports(now=timezone.now()):
            self.stdout.write(report.base)
            if (certificate := report.certificate) is not None:
                names = ", ".join((*certificate.dns_names, *certificate.ip_addresses))
                self.stdout.write(f"  subject  {certificate.subject}")
                self.stdout.write(f"  issuer   {certificate.issuer}")
                self.stdout.write(f"  names    {names}")
                self.stdout.write(f"  until    {certificate.not_after:%Y-%m-%d %H:%M} UTC")
            for warning in report.warnings:
                self.stdout.write(f"  WARNING  {warning}")
            warnings += len(report.warnings)
        if warnings:
            raise CommandError(f"{warnings} warning{'s' if warnings > 1 else ''} [FFI-15]")
