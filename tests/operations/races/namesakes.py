"""Eight threads that each approve another consent of one name, over and over.

Prints JSON: for every name, how many of its consents were approved, and how many are authorized.
"""

import json
import sys
import threading
import uuid
from typing import Any

WANTING = 8
ROUNDS = 10


def main() -> None:
    from authserver.loading import load_django

    load_django()
    from django.db import connections
    from django.utils import timezone

    from authserver.accounts.models import User
    from clients.models import Client
    from consents.models import Consent, ConsentState
    from tests.support import details

    client = Client.objects.select_related("ecosystem").get(client_id="tpp")
    kind = details.account_access()["type"]
    offered = client.ecosystem.authorization_details_types
    type(client.ecosystem).objects.filter(pk=client.ecosystem.pk).update(
        authorization_details_types=[*{*offered, kind}]
    )
    user = User.objects.get(username="mariam")
    rounds = []
    for _ in range(ROUNDS):
        detail = details.account_access(now=timezone.now(), ConsentId=str(uuid.uuid4()))
        rounds.append(
            [
                Consent.objects.create(
                    ecosystem=client.ecosystem, client=client, authorization_details=[detail]
                )
                for _ in range(WANTING)
            ]
        )
    connections.close_all()  # the threads need all that the pool has
    approved = [_approve(each, user) for each in rounds]
    keys = [[each.pk for each in consents] for consents in rounds]
    authorized = [
        Consent.objects.filter(pk__in=each, state=ConsentState.AUTHORIZED).count() for each in keys
    ]
    sys.stdout.write(json.dumps({"approved": approved, "authorized": authorized}))


def _approve(consents: list[Any], user: Any) -> int:
    """How many of them, approved at the same moment, were authorized."""
    from django.db import connections
    from django.utils import timezone

    from authserver.protocol.errors import AccessDenied
    from consents import actions

    barrier = threading.Barrier(WANTING)
    done = []

    def approve(consent: Any) -> None:
        barrier.wait()
        choices = {"accounts": [{"id": "acc-1", "name": "Everyday"}]}
        try:
            actions.approve(consent, user=user, choices=choices, now=timezone.now())
        except AccessDenied:
            return
        else:
            done.append(True)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=approve, args=[each]) for each in consents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done)


if __name__ == "__main__":
    main()
