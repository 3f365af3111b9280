"""What hangs on a participant or a client: told before it is suspended, asked before removal."""

from collections.abc import Sequence

from django.db.models import ProtectedError, Q
from django.utils import timezone

from authserver.backoffice.verbs import Refused
from authserver.tokens.models import AccessToken
from clients.models import Client, Participant, ResourceServer
from consents.models import Consent


def of_participant(participant: Participant) -> Sequence[str]:
    clients = Client.objects.filter(Client.ALIVE.q(), participant=participant)
    return [
        counted(clients.count(), "active client is", "active clients are") + " refused at once.",
        *_of_clients(Q(client__participant=participant), Q(application__participant=participant)),
        "It can be let in again; consents that have not ended by then work as before.",
    ]


def of_client(client: Client) -> Sequence[str]:
    return [
        "Every request of this client is refused at once.",
        *_of_clients(Q(client=client), Q(application=client)),
        *(
            [f"{server} can no longer introspect tokens."]
            if (server := ResourceServer.objects.filter(client=client).first())
            else []
        ),
        "It can be let in again; consents that have not ended by then work as before.",
    ]


def _of_clients(of_consent: Q, of_token: Q) -> list[str]:
    now = timezone.now()
    consents = Consent.objects.alive(now=now).filter(of_consent).count()
    tokens = AccessToken.objects.alive(now=now).filter(of_token).count()
    return [
        counted(consents, "live consent stops", "live consents stop") + " working for people.",
        counted(tokens, "access token is", "access tokens are") + " refused from now on.",
    ]


def counted(number: int, one: str, many: str) -> str:
    return f"{number or 'No'} {one if number == 1 else many}"


def protected(error: ProtectedError) -> Refused:
    """What to tell when the database keeps a row because others refer to it."""
    kinds = {type(row)._meta.verbose_name_plural for row in error.protected_objects}
    named = ", ".join(sorted(map(str, kinds)))
    return Refused(f"It cannot be removed: {named} refer to it. Suspend it instead.")
