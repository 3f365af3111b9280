"""The names under which a client is recognised: in its certificate, and in its redirect URIs."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from authserver.protocol.profiles.base import Profile
from authserver.protocol.profiles.registered import Problem, Registration
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs import authorization_response, mtls

SUBJECT = "tls_client_auth_subject_dn"
ALTERNATIVE_NAMES = {f"tls_client_auth_san_{kind}": kind for kind in mtls.SAN_KINDS}


@case("MT-18")
@requirement("MTLS-2.1.2")
def one_certificate_name_is_registered(client: Registration, profile: Profile) -> Iterator[Problem]:
    """With two names it would be open whether a certificate needs both or one of them."""
    named = [field for field in (SUBJECT, *ALTERNATIVE_NAMES) if getattr(client, field)]
    if client.token_endpoint_auth_method != "tls_client_auth":
        for field in named:
            yield Problem(field, "MTLS-2.1.2", "Only tls_client_auth looks at it: leave it empty.")
    elif not named:
        yield Problem(
            SUBJECT,
            "MTLS-2.1.2",
            "tls_client_auth needs the certificate's subject DN, or one SAN.",
        )
    else:
        for field in named[1:]:
            yield Problem(field, "MTLS-2.1.2", "Register exactly one name of the certificate.")
        yield from _unreadable_names(client, named)


def _unreadable_names(client: Registration, named: Iterable[str]) -> Iterator[Problem]:
    """A name that no certificate can have would lock the client out without a word."""
    for field in named:
        text = getattr(client, field)
        reason = (
            mtls.why_not_a_subject(text)
            if field == SUBJECT
            else mtls.why_not_an_alternative_name(text, kind=ALTERNATIVE_NAMES[field])
        )
        if reason:
            yield Problem(field, "MTLS-2.1.2", reason)


@requirement("RFC6749-3.1.2", "RFC9700-2.1")
def redirect_uris_are_exact(client: Registration, profile: Profile) -> Iterator[Problem]:
    uris = client.registered_redirect_uris
    if "authorization_code" in client.grant_types and not uris:
        yield Problem(
            "redirect_uris", "RFC6749-3.1.2", "The authorization code grant needs at least one."
        )
    for uri in uris:
        if (sentence := _why_not_a_redirect_uri(uri)) is not None:
            yield Problem("redirect_uris", "RFC9700-2.1", sentence)


def _why_not_a_redirect_uri(uri: str) -> str | None:
    try:
        parts = urlsplit(uri)
        port_is_a_number = parts.port is None or parts.port > 0
    except ValueError:
        return "Not a URL."
    if parts.scheme != "https" or not uri.startswith("https://"):
        return "A redirect URI must be https."
    if not parts.hostname or not uri.isascii() or not port_is_a_number:
        return "A redirect URI needs a plain host name."
    if "#" in uri or "@" in parts.netloc or "\\" in uri or "*" in uri:
        return "No fragment, user name, backslash or wildcard is allowed."
    if named := authorization_response.names_of_a_response_in(uri):
        return f"The query has a parameter that the answer carries, too: {', '.join(named)}."
    return None
