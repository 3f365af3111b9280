"""Register what the demo's kit does not have; run as a program with the path of sandbox.json.

Clients whose tokens are bound by DPoP, in an ecosystem whose proofs must carry a nonce of ours.
"""

import sys
from pathlib import Path

BY = "interop"


def main(path: Path) -> None:
    from authserver.loading import load_django

    load_django()
    from authserver.ecosystems import actions as ecosystems
    from authserver.ecosystems.models import Ecosystem
    from clients import actions
    from clients.models import Client
    from deploy.demo.parties import OPENFINANCE
    from tests.operations.interop.clients import REGISTRATIONS

    ecosystem = Ecosystem.objects.get(slug=OPENFINANCE.slug)
    ecosystem.dpop_nonce_required = True
    ecosystem.full_clean()
    ecosystems.change(ecosystem, by=BY)
    for registration in REGISTRATIONS:
        if registration.client_id == registration.like:
            continue
        made = Client.objects.get(client_id=registration.like)
        made.pk = None
        made._state.adding = True
        made.client_id = registration.client_id
        made.state = "pending"
        made.dpop_bound_access_tokens = registration.dpop
        made.full_clean()
        actions.register_client(made, by=BY)
        actions.activate_client(made, by=BY)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
