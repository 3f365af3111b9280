"""Rows of every kind that grows, left behind by whole journeys; run as a program.

They are what the filling multiplies, so that a row in a filled database is as long as a row that
the server stores. Prints what ``tests.bench.seed`` prints, whose rows come first.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

from tests.bench.seed import DETAIL_TYPE, JWT_RESOURCE, OPAQUE_RESOURCE, seeded

PEOPLE = 2


def main() -> None:
    from authserver.loading import load_django

    load_django()
    asked = int(sys.argv[1])
    parties = seeded(asked + PEOPLE)
    people = parties["people"]
    journeys(people[asked:])  # they get a second factor, which those who are measured have not
    sys.stdout.write(json.dumps(parties | {"people": people[:asked]}))


def journeys(people: Sequence[str]) -> None:
    """Each person signs in, agrees to details and to scopes; the client uses what it got."""
    from django.test import Client as Http

    from authserver.accounts.models import User
    from clients.models import Client, ResourceServer
    from tests.support import certificates
    from tests.support.person import Person
    from tests.support.tpp import ThirdParty

    def http() -> Http:
        return Http(SERVER_NAME="as.example.com", HTTP_X_FORWARDED_PROTO="https")

    def party(client: Client) -> ThirdParty:
        made = certificates.transport(client.client_id)
        return ThirdParty(client=client, http=http(), certificate=made)

    tpp = party(Client.objects.select_related("participant__ecosystem").get(client_id="tpp"))
    bank = party(ResourceServer.objects.get(identifier=OPAQUE_RESOURCE).client)  # type: ignore[arg-type]
    detail = {"type": DETAIL_TYPE, "actions": ["read"], "datatypes": ["allergies", "medications"]}
    for user in User.objects.filter(username__in=people):
        person = Person(user, http())
        person.sign_in()
        for resource, details in ((JWT_RESOURCE, [detail]), (OPAQUE_RESOURCE, None)):
            pushed = served(tpp.push_signed(resource=resource, authorization_details=details), 201)
            code = person.approves(tpp, pushed["request_uri"])["code"]
            tokens = served(tpp.redeem(code, resource=resource))
            served(tpp.refresh(tokens["refresh_token"], resource=resource))
            served(bank.introspect(tokens["access_token"]))
    served(tpp.token(grant_type="client_credentials", scope="accounts", resource=JWT_RESOURCE))
    served(tpp.token(grant_type="client_credentials", scope="payments"), 400)


def served(response: Any, status: int = 200) -> Any:
    """The answer; ValueError where it has another status."""
    if response.status_code != status:
        raise ValueError(f"{response.status_code}: {response.content[:300]!r}")
    return json.loads(response.content) if response.content.startswith(b"{") else None


if __name__ == "__main__":
    main()
