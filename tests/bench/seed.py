"""Fill the database of the bench; run as a program. Prints JSON: what clients and people need.

One ecosystem with FAPI 2.0 Message Signing and one factor, a client bound by its certificate, one
bound by DPoP, a bank that introspects, and people.
"""

import json
import sys
from typing import Any

PASSWORD = "correct horse"
DETAIL_TYPE = "patient-record-access"  # decided on one page: no list of accounts to be fetched
JWT_RESOURCE = "https://rs.example.com/api"
OPAQUE_RESOURCE = "https://rs.example.com/opaque"


def main() -> None:
    from authserver.loading import load_django

    load_django()
    people = int(sys.argv[1])
    sys.stdout.write(json.dumps(seeded(people)))


def seeded(people: int) -> dict[str, Any]:
    from joserfc.jwk import RSAKey

    from authserver.ecosystems.models import Ecosystem
    from clients.models import ResourceServer
    from tests.support import certificates, world
    from tests.support.rows import stored

    ecosystem = world.ecosystem(
        "openfinance",
        profile="fapi2-message-signing",
        login_policy=Ecosystem.LoginPolicy.ONE_FACTOR,
        client_credentials_scopes=["accounts"],
        authorization_details_types=[DETAIL_TYPE],
    )
    owner = world.participant("Tpp", ecosystem=ecosystem)
    common = {"scopes": ["openid", "accounts"], "authorization_details_types": [DETAIL_TYPE]}
    world.client("tpp", participant=owner, **common)
    world.client("tpp-dpop", participant=owner, dpop_bound_access_tokens=True, **common)
    reached = {"scopes": ["accounts"], "authorization_details_types": [DETAIL_TYPE]}
    bank = world.bank(
        ecosystem,
        identifier=OPAQUE_RESOURCE,
        token_format="opaque",
        account_source_url="",
        **reached,
    )
    stored(
        ResourceServer(
            ecosystem=ecosystem,
            participant=bank.participant,
            name="API",
            identifier=JWT_RESOURCE,
            **reached,
        )
    )
    names = [f"person-{number}" for number in range(people)]
    for name in names:
        world.person(name, ecosystem)
    server_key = RSAKey.import_key(world.server_key_pem("PS256", 1))
    assert bank.client is not None
    clients = ("tpp", "tpp-dpop", bank.client.client_id)
    return {
        "clients": {each: world.rsa_key(each).as_dict(private=True) for each in clients},
        "certificates": {each: certificates.transport(each).pem for each in clients},
        "bank": bank.client.client_id,
        "server_key": server_key.as_dict(private=True),
        "people": names,
    }


if __name__ == "__main__":
    main()
