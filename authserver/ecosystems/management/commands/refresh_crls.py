"""``manage.py refresh_crls``: fetch the newest revocation list of every CA; for a timer.

The time between two runs is how long a revoked certificate may still be good.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from authserver.ecosystems.models import RevocationList
from authserver.ecosystems.revocation.lists import fetch_now


class Command(BaseCommand):
    help = "Fetch the newest revocation list of every CA. Run it every few minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        failed = 0
        with_url = RevocationList.objects.exclude(url="").select_related("anchor__ecosystem")
        for revocation_list in with_url.order_by("pk"):
            report = fetch_now(revocation_list, by="refresh_crls", now=timezone.now())
            failed += bool(report.error)
            outcome = report.error or f"{report.revoked} revoked"
            self.stdout.write(
                f"{revocation_list.anchor.ecosystem.slug}: {revocation_list}: {outcome}"
            )
        if failed:
            raise CommandError(f"{failed} lists could not be refreshed")
