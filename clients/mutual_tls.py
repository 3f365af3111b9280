"""What a presented certificate must be: of the client that it claims, of a CA that is trusted."""

from base64 import b64decode
from contextlib import suppress
from datetime import datetime

from authserver.ecosystems import revocation
from authserver.ecosystems.models import Ecosystem
from authserver.protocol.errors import InvalidClient
from authserver.protocol.requirements import case, requirement
from authserver.protocol.specs import mtls
from authserver.storage.copies import kept_with
from clients import jwks
from clients.certificates import anchors_of
from clients.models import Client, ClientCertificate

METHODS = ("tls_client_auth", "self_signed_tls_client_auth")
UNREVOKED = ClientCertificate.UNREVOKED
ASKED_OF_A_CERTIFICATE = ("thumbprint", "pem", *UNREVOKED.fields)


@requirement("MTLS-2.1", "MTLS-2.2")
def require_registration(der: bytes, client: Client, *, now: datetime) -> None:
    """Raise InvalidClient unless this certificate is the one by which the client authenticates."""
    if client.token_endpoint_auth_method == "self_signed_tls_client_auth":
        certificate_is_registered(der, client, now=now)
        return
    trusted = verify_trust(der, client.ecosystem, now=now)
    certificate_has_the_registered_name(der, client)
    certificate_is_of_a_known_issuer(der, client, trusted)


@requirement("MTLS-2.1", "FFI-2")
def verify_trust(der: bytes, ecosystem: Ecosystem, *, now: datetime) -> mtls.Trusted:
    """Return the verdict of the ecosystem's CAs on the certificate, or raise InvalidClient."""
    try:
        certificate = mtls.parse_der(der)
        return mtls.verify_trust(certificate, anchors=anchors_of(ecosystem), now=now)
    except mtls.BadCertificate as fault:
        raise InvalidClient(expected="a trusted certificate", seen=fault.sentence) from None


@requirement("MTLS-2.1.2", "FFI-3")
def certificate_has_the_registered_name(der: bytes, client: Client) -> None:
    """Exactly one name is registered: the subject, or one alternative name of one kind."""
    certificate = mtls.parse_der(der)
    names = {kind: getattr(client, f"tls_client_auth_san_{kind}") for kind in mtls.SAN_KINDS}
    registered = {kind: name for kind, name in names.items() if name}
    subject = client.tls_client_auth_subject_dn
    if len(registered) + bool(subject) != 1:
        raise InvalidClient(expected="one registered name", seen="none or several")
    if subject:
        matches = mtls.has_subject(certificate, subject)
    else:
        [(kind, name)] = registered.items()
        matches = mtls.has_alternative_name(certificate, kind=kind, registered=name)
    if not matches:
        raise InvalidClient(expected="the registered name in the certificate", seen="another")


@case("MT-11", "MT-24")
@requirement("MTLS-2.1", "FFI-3")
def certificate_is_of_a_known_issuer(der: bytes, client: Client, trusted: mtls.Trusted) -> None:
    """A registered certificate, or a renewed one of the CA that issued an active one.

    Every CA that an ecosystem trusts could give the client's name to somebody else. Where none
    was ever registered, the registered name and the ecosystem's CAs decide (RFC 8705, 2.1.2);
    where all were revoked, the client needs a new one registered.
    """
    certificate = mtls.parse_der(der)
    known = {each.thumbprint: each for each in certificates_of(client)}
    if (registered := known.get(certificate.thumbprint)) is not None:
        if not UNREVOKED.holds(registered):
            raise InvalidClient(expected="an active certificate", seen="a revoked one")
        return
    active = [mtls.parse_pem(each.pem) for each in known.values() if UNREVOKED.holds(each)]
    if known and not any(mtls.issued_by(each, trusted.issuer) for each in active):
        raise InvalidClient(expected="the CA of the registered certificates", seen="another CA")


@requirement("MTLS-2.2", "MTLS-2.2.2")
def certificate_is_registered(der: bytes, client: Client, *, now: datetime) -> None:
    """A self-signed certificate is worth its key alone, so it must be known beforehand."""
    certificate = mtls.parse_der(der)
    try:
        mtls.require_validity(certificate, now=now)
        mtls.require_strength(certificate)
    except mtls.BadCertificate as fault:
        raise InvalidClient(expected="a sound certificate", seen=fault.sentence) from None
    known = {each.thumbprint: each for each in certificates_of(client)}
    registered = known.get(certificate.thumbprint)
    if registered is None and der in _certificates_among_its_keys(client, now):
        return
    if registered is not None and UNREVOKED.holds(registered):
        return
    raise InvalidClient(expected="a registered certificate", seen="another, or a revoked one")


@case("MT-09")
@requirement("RFC5280-6.3.3")
def require_not_revoked(der: bytes, ecosystem: Ecosystem, *, now: datetime) -> None:
    """Raise InvalidClient if a CA took the certificate back, or if nobody can tell."""
    try:
        revocation.require_not_revoked(mtls.parse_der(der), ecosystem, now=now)
    except mtls.BadCertificate as fault:
        raise InvalidClient(
            expected="a certificate that its CA stands by", seen=fault.sentence
        ) from None


@requirement("CBUAE-2.3b", "FFI-1", "FFI-3", "FFI-6a")
def require_profile(der: bytes | None, client: Client, *, now: datetime) -> None:
    """Raise InvalidClient unless the profile, and the client's own settings, are content.

    Whatever the client authenticates by: beside an assertion the certificate binds the token.
    """
    rules = client.ecosystem.rules
    if der is None:
        if rules.mtls_everywhere or rules.registered_certificate_required:
            raise InvalidClient(expected="a client certificate", seen="none")
        return
    if rules.registered_certificate_required:
        verify_trust(der, client.ecosystem, now=now)
    if rules.registered_certificate_required or client.pin_certificates:
        thumbprint = mtls.parse_der(der).thumbprint
        unrevoked = [each for each in certificates_of(client) if UNREVOKED.holds(each)]
        if thumbprint not in {each.thumbprint for each in unrevoked}:
            raise InvalidClient(expected="a registered certificate", seen="another")


def certificates_of(client: Client) -> list[ClientCertificate]:
    """The certificates that were ever registered for the client; of each what is asked of one."""
    return kept_with(
        client, "certificates", lambda: list(client.certificates.only(*ASKED_OF_A_CERTIFICATE))
    )


def _certificates_among_its_keys(client: Client, now: datetime) -> set[bytes]:
    """The first certificate of every x5c in the client's JWK Set (RFC 7517, 4.7)."""
    keys = jwks.jwks_of(client, now=now).get("keys")
    certificates = set()
    for key in keys if isinstance(keys, list) else []:
        match key:
            case {"x5c": [str(first), *_]}:
                with suppress(ValueError):  # what is no base64 is no certificate of anybody
                    certificates.add(b64decode(first, validate=True))
    return certificates
