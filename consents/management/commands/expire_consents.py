"""``manage.py expire_consents``: note which consents have ended; for cron, as often as you like."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from consents.expiry import expire_due


class Command(BaseCommand):
    help = "Note the end of every consent whose time is over. Run it as often as you like."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{expire_due(now=timezone.now())} consents ended")
