"""What hangs on a participant or a client: told before it is suspended, asked before removal."""

from collections.abc import Collection, Sequence

from django.db.models import ProtectedError
from django.utils import timezone

from authserver.backoffice.counting import counted
from authserver.backoffice.verbs import Refused
from authserver.tokens.models import AccessToken
from clients.models import Client, Participant, ResourceServer
from consents.models import Consent


def of_participant(participant: Participant) -> Sequence[str]:
    clients = list(Client.objects.filter(participant=participant))
    called = Client.objects.filter(Client.ALIVE.q(), participant=participant).count()
    return [
        f"{called or 'No'} active {'client is' if called == 1 else 'clients are'} refused at once.",
        *_of_clients(clients),
        "It can be let in again; consents that have not ended by then work as before.",
    ]


def of_client(client: Client) -> Sequence[str]:
    return [
        "Every request of this client is refused at once.",
        *_of_clients([client]),
        *(
            [f"{server} can no longer introspect tokens."]
            if (server := ResourceServer.objects.filter(client=client).first())
            else []
        ),
        "It can be let in again; consents that have not ended by then work as before.",
    ]


def _of_clients(clients: Collection[Client]) -> list[str]:
    now = timezone.now()
    consents = counted(
        Consent.objects.alive(now=now),
        [Consent.objects.filter(client=client) for client in clients],
        by="created_at",
    )
    tokens = counted(
        AccessToken.objects.alive(now=now),
        [AccessToken.objects.filter(application=client) for client in clients],
        by="pk",
    )
    return [
        f"Live consents that stop working for people: {consents}.",
        f"Access tokens that are refused from now on: {tokens}.",
    ]


def protected(error: ProtectedError) -> Refused:
    """What to tell when the database keeps a row because others refer to it."""
    kinds = {type(row)._meta.verbose_name_plural for row in error.protected_objects}
    named = ", ".join(sorted(map(str, kinds)))
    return Refused(f"It cannot be removed: {named} refer to it. Suspend it instead.")
