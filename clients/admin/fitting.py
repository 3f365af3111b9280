"""Whether the registered name of a client is one that its certificates have."""

from datetime import datetime

from authserver.protocol.profiles.names import ALTERNATIVE_NAMES, SUBJECT
from authserver.protocol.requirements import requirement
from authserver.protocol.specs import mtls
from clients.models import Client, ClientCertificate


@requirement("MTLS-2.1.2")
def why_none_fits(client: Client, *, now: datetime) -> str:
    """A sentence where the client has certificates that are valid now, and authenticates by a name
    that is in none of them; else "".

    Which of several names counts is nobody's to say: the registration refuses them.
    """
    if client.token_endpoint_auth_method != Client.AuthMethod.TLS_CLIENT_AUTH:
        return ""
    valid = client.certificates.filter(ClientCertificate.ALIVE.q(now=now))
    known = [mtls.parse_pem(pem) for pem in valid.order_by("pk").values_list("pem", flat=True)]
    for field in (SUBJECT, *ALTERNATIVE_NAMES):
        registered = getattr(client, field)
        if registered and known and not any(_has(each, field, registered) for each in known):
            return _what_they_have(client, field, known)
    return ""


def _has(certificate: mtls.Certificate, field: str, registered: str) -> bool:
    if field == SUBJECT:
        return mtls.has_subject(certificate, registered)
    return mtls.has_alternative_name(
        certificate, kind=ALTERNATIVE_NAMES[field], registered=registered
    )


def _what_they_have(client: Client, field: str, known: list[mtls.Certificate]) -> str:
    if field == SUBJECT:
        name, present = "subject", known[-1].subject
        registered = client.tls_client_auth_subject_dn
        if any(mtls.has_subject_reversed(each, registered) for each in known):
            return (
                f"The registered subject of {client.client_id} has the parts of its certificate's"
                f" in the opposite order. RFC 4514 begins with the last one: {known[0].subject}"
            )
    else:
        kind = ALTERNATIVE_NAMES[field]
        name, present = f"SAN ({kind})", ", ".join(mtls.alternative_names(known[-1], kind=kind))
    return (
        f"The registered {name} of {client.client_id} fits none of its certificates; it cannot"
        f" authenticate by them. The newest has: {present or 'none'}"
    )
