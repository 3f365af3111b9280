"""What a client still needs before it can be let in, and which of its keys we could use."""

from collections.abc import Iterator

from django.utils import timezone

from authserver.ecosystems.models import Ecosystem
from authserver.protocol import jose
from clients.admin.fitting import why_none_fits
from clients.key_sets import UNDER_WAY
from clients.models import Client, ClientCertificate, ClientKeySet, Participant


def missing(client: Client) -> list[str]:
    """Sentences on everything that keeps the client from working; empty when it is ready."""
    return list(_missing(client))


def _missing(client: Client) -> Iterator[str]:
    rules = client.ecosystem.rules
    if not Participant.LET_IN.holds(client.participant):
        yield f"Its participant, {client.participant}, is not let in."
    if not Ecosystem.ALIVE.holds(client.ecosystem):
        yield f"Its ecosystem, {client.ecosystem}, is switched off."
    now = timezone.now()
    valid_certificates = client.certificates.filter(ClientCertificate.ALIVE.q(now=now))
    self_signed = client.token_endpoint_auth_method == Client.AuthMethod.SELF_SIGNED
    needed = rules.registered_certificate_required or client.pin_certificates or self_signed
    if needed and not valid_certificates.exists():
        yield "It has no certificate that is valid now."
    if client.client_jwks_uri and not _key_set(client).keys.get("keys"):
        yield "Its keys have not been fetched yet."
    if sentence := why_none_fits(client, now=now):
        yield sentence


def keys_of(client: Client) -> list[str]:
    """The keys as they are kept now: which we could use, which we left out and why."""
    fetched = bool(client.client_jwks_uri)
    key_set = _key_set(client)
    document = key_set.keys if fetched else client.client_jwks
    lines = []
    if document:
        public_keys = jose.import_jwks(document)
        lines += [f"{key.kid or 'without a kid'}: {key.algorithm}" for key in public_keys.keys]
        lines += [f"Left out, {reason}" for reason in public_keys.rejected]
    if fetched and key_set.fetched_at:
        lines.append(f"Fetched {key_set.fetched_at:%d %B %Y at %H:%M} UTC.")
    if fetched and key_set.last_error not in ("", UNDER_WAY):
        lines.append(f"The last attempt failed: {key_set.last_error}.")
    return lines


def _key_set(client: Client) -> ClientKeySet:
    """What was fetched from the URI that the client has now; empty if nothing was."""
    key_set = ClientKeySet.objects.filter(client=client, uri=client.client_jwks_uri).first()
    return key_set or ClientKeySet(uri=client.client_jwks_uri)
