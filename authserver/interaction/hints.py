"""What a client believes of the person: id_token_hint and ui_locales (OpenID Connect Core)."""

from authserver.accounts.models import User
from authserver.accounts.subjects import subject
from authserver.keys.signing import public_jwks
from authserver.protocol import jose
from authserver.protocol.errors import MeantForSomebodyElse
from authserver.protocol.requirements import requirement
from authserver.protocol.specs import id_token
from authserver.protocol.specs.authorization_request import AuthorizationRequest
from clients.models import Client

MOST_LOCALES = 10


@requirement("OIDCC-3.1.2.1")
def hinted_subject(authorization_request: AuthorizationRequest, client: Client) -> str | None:
    """Whom the id_token_hint names, None where there is none; InvalidRequest if it is not ours."""
    if authorization_request.id_token_hint is None:
        return None
    return id_token.hint_subject(
        authorization_request.id_token_hint,
        issuer=client.ecosystem.issuer,
        client_id=client.client_id,
        keys=jose.import_jwks(public_jwks(client.ecosystem)),
        algorithms=client.ecosystem.rules.signing_algorithms,
    )


@requirement("OIDCC-3.1.2.1", "OIDCC-3.1.2.2")
def person_is_the_hinted_one(
    authorization_request: AuthorizationRequest, client: Client, user: User
) -> None:
    """Somebody else may not answer for the person that the client means."""
    hinted = hinted_subject(authorization_request, client)
    if hinted not in (None, subject(user, ecosystem=client.ecosystem, client=client)):
        raise MeantForSomebodyElse("another person is signed in")


@requirement("OIDCC-3.1.2.1")
def language(authorization_request: AuthorizationRequest, client: Client) -> str | None:
    """The first of ui_locales that the ecosystem speaks, by primary tag; None if there is none."""
    for tag in (authorization_request.ui_locales or "")[:200].split()[:MOST_LOCALES]:
        primary = tag.partition("-")[0].lower()
        if primary in client.ecosystem.languages:
            return primary
    return None
