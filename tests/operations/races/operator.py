"""An operator in a process of its own: suspends and activates a client as it is told."""

import sys


def main() -> None:
    from authserver.loading import load_django

    load_django()
    from authserver.tokens.models import AccessToken
    from clients import actions
    from clients.models import Client

    client_id = sys.argv[1]
    for line in sys.stdin:
        client = Client.objects.get(client_id=client_id)
        if line.strip() == "suspend":
            actions.suspend_client(client, by="clerk")
        else:
            actions.activate_client(client, by="clerk")
        given = AccessToken.objects.filter(application=client).count()
        sys.stdout.write(f"{given}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
