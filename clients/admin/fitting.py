"""Whether the registered name of a client is one that its certificates have."""

from authserver.requirements import requirement
from authserver.specs import mtls
from clients.models import Client, ClientCertificate


@requirement("MTLS-2.1.2")
def why_none_fits(client: Client) -> str:
    """A sentence where the client has certificates and its subject is none of theirs, else ""."""
    wanted = client.tls_client_auth_subject_dn
    active = client.certificates.filter(state=ClientCertificate.State.ACTIVE)
    known = [mtls.parse_pem(pem) for pem in active.values_list("pem", flat=True)]
    if not wanted or not known or any(mtls.has_subject(each, wanted) for each in known):
        return ""
    if any(mtls.has_subject_reversed(each, wanted) for each in known):
        return (
            f"The registered subject of {client.client_id} has the parts of its certificate's in"
            f" the opposite order. RFC 4514 begins with the last one: {known[0].subject}"
        )
    return (
        f"The registered subject of {client.client_id} fits none of its certificates; it cannot"
        f" authenticate. The newest has: {known[-1].subject}"
    )
