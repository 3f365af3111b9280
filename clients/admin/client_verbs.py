"""What an operator does with a client beside changing its registration."""

from django.db.models import ProtectedError
from django.utils import timezone

from authserver.backoffice.verbs import Refused, Verb
from clients import actions, jwks
from clients.admin import reach, readiness
from clients.models import Client, State


def let_in(client: Client, by: str) -> str:
    actions.activate_client(client, by=by)
    return f"{client} is active."


def suspend(client: Client, by: str) -> str:
    actions.suspend_client(client, by=by)
    return f"{client} is suspended: everything it sends is refused."


def fetch_keys(client: Client, by: str) -> str:
    report = jwks.fetch_now(client, now=timezone.now())
    rejected = f" Rejected: {'; '.join(report.rejected)}." if report.rejected else ""
    if report.error:
        raise Refused(f"The keys could not be fetched: {report.error}.{rejected}")
    keys = ", ".join(f"{kid or 'without a kid'} ({algorithm})" for kid, algorithm in report.keys)
    if not keys:
        raise Refused(f"There is no key that we can use.{rejected}")
    return f"Keys found: {keys}.{rejected}"


def was_never_in(client: Client) -> bool:
    return client.state == State.PENDING and not client.consents.exists()


def remove(client: Client, by: str) -> str:
    name = str(client)
    try:
        actions.remove_client(client, by=by)
    except ProtectedError as error:
        raise reach.protected(error) from None
    return f"{name} is removed."


VERBS = (
    Verb(
        name="fetch-keys",
        label="Fetch keys now",
        run=fetch_keys,
        offered=lambda row: bool(row.client_jwks_uri),
        asks_first=False,
    ),
    Verb(
        name="activate",
        label="Let in",
        run=let_in,
        offered=lambda row: row.state != State.ACTIVE,
        consequences=lambda row: [
            "It may call from now on.",
            *(f"Still missing: {each}" for each in readiness.missing(row)),
        ],
    ),
    Verb(
        name="suspend",
        label="Suspend",
        run=suspend,
        offered=lambda row: row.state == State.ACTIVE,
        consequences=reach.of_client,
        dangerous=True,
    ),
    Verb(
        name="remove",
        label="Remove",
        run=remove,
        offered=was_never_in,
        consequences=lambda row: ["It was never let in. Its certificates go with it."],
        permission="delete",
        dangerous=True,
    ),
)
