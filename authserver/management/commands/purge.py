"""``manage.py purge``: delete what has expired; for cron, as often as you like."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from authserver.tokens.purge import earliest_now, purge


class Command(BaseCommand):
    help = (
        "Delete expired pushed requests, transactions, codes, used proofs, consents that were asked"
        " for and never decided, tokens that ended AUTHSERVER_TOKEN_RETENTION_DAYS ago,"
        " refusals of AUTHSERVER_REFUSAL_RETENTION_DAYS ago, and of the audit trail logins of"
        " AUTHSERVER_LOGIN_RETENTION_DAYS and the traffic of clients of"
        " AUTHSERVER_TRAFFIC_RETENTION_DAYS ago. Run it as often as you like, also"
        " under load."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        deleted: dict[str, int] = {}
        for table, rows in purge(
            now=earliest_now(),
            token_retention=timedelta(days=settings.TOKEN_RETENTION_DAYS),
            refusal_retention=timedelta(days=settings.REFUSAL_RETENTION_DAYS),
            login_retention=timedelta(days=settings.LOGIN_RETENTION_DAYS),
            traffic_retention=timedelta(days=settings.TRAFFIC_RETENTION_DAYS),
        ):
            deleted[table] = deleted.get(table, 0) + rows
        for table, rows in deleted.items():
            self.stdout.write(f"{table}: {rows}")
