"""Eight threads that each want to use up the same payment consent, over and over.

Prints JSON: for every consent, how many of them could, and how many events say so.
"""

import json
import sys
import threading

WANTING = 8
ROUNDS = 10


def main() -> None:
    from authserver.loading import load_django

    load_django()
    from django.db import connections
    from django.utils import timezone

    from authserver.audit.models import AuditEvent
    from clients.models import Client
    from consents.models import Consent, ConsentState
    from tests.support import details

    now = timezone.now()
    client = Client.objects.select_related("ecosystem").get(client_id="tpp")
    payments = [
        Consent.objects.create(
            ecosystem=client.ecosystem,
            client=client,
            state=ConsentState.AUTHORIZED,
            authorization_details=[details.payment_initiation(now=now)],
        )
        for _ in range(ROUNDS)
    ]
    connections.close_all()  # the threads need all that the pool has
    used = [_use(each) for each in payments]
    events = [
        AuditEvent.objects.filter(event="consent.consumed", subject=str(each.pk)).count()
        for each in payments
    ]
    sys.stdout.write(json.dumps({"used": used, "events": events}))


def _use(payment: object) -> int:
    """How many of eight at the same moment could use the payment up."""
    from django.db import connections
    from django.utils import timezone

    from consents import actions
    from consents.states import IllegalTransition

    barrier = threading.Barrier(WANTING)
    done = []

    def use() -> None:
        barrier.wait()
        try:
            actions.consume(payment, by="bank", now=timezone.now())  # type: ignore[arg-type]
        except IllegalTransition:
            return
        else:
            done.append(True)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=use) for _ in range(WANTING)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done)


if __name__ == "__main__":
    main()
