"""Making tokens of what was granted: the access token in its resource server's form, id_token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from authserver.accounts import claims as person_claims
from authserver.keys.signing import sign
from authserver.protocol import jose
from authserver.protocol.requirements import requirement
from authserver.protocol.specs import access_token as rfc9068
from authserver.protocol.specs import id_token as oidc
from authserver.protocol.specs.mtls import Certificate
from authserver.tokens.audience import Audience
from authserver.tokens.granted import Granted
from authserver.tokens.handles import digest, new_handle
from authserver.tokens.models import AccessToken


def lifetime(granted: Granted, *, now: datetime) -> timedelta:
    """The client's limit, the ecosystem's, and what is left of the consent: the shortest."""
    limits = [granted.client.ecosystem.access_token_lifetime]
    if granted.client.access_token_seconds:
        limits.append(timedelta(seconds=granted.client.access_token_seconds))
    if granted.consent is not None and granted.consent.expires_at is not None:
        limits.append(granted.consent.expires_at - now)
    return min(limits)


@requirement("RFC9068-2.2", "FAPI2-SP-FINAL-5.3.2.1-4", "RAR-9.1")
def access_token(
    granted: Granted,
    *,
    audience: Audience,
    cnf: Mapping[str, str],
    certificate: Certificate | None,
    now: datetime,
) -> tuple[AccessToken, str, int]:
    """An access token to be stored, its value, and its life in whole seconds.

    ``certificate`` is the one whose thumbprint stands in ``cnf``, None where there is none. Its
    issuer and serial number are stored, so that the token ends when the CA takes it back.
    """
    life = timedelta(seconds=int(lifetime(granted, now=now).total_seconds()))
    jti = new_handle()
    if audience.token_format == "opaque":
        value, signing_key = new_handle(), ""
    else:
        signed = _signed(granted, audience=audience, cnf=cnf, jti=jti, now=now, expires=now + life)
        signing_key = jose.name_of(signed).kid or ""
        value = jose.encrypt_nested(signed, jwk=audience.jwk) if audience.jwk else signed
    row = AccessToken(
        user=granted.user,
        token="",
        token_checksum=digest(value),
        application=granted.client,
        created=now,
        expires=now + life,
        scope=granted.scope,
        resource=list(audience.identifiers),
        jti=jti,
        authorization_code_id=granted.authorization_code,
        refresh_token_id=granted.refresh_token,
        grant_type=granted.grant_type,
        consent=granted.consent,
        subject=granted.subject,
        authorization_details=granted.authorization_details,
        cnf=dict(cnf),
        certificate_issuer=certificate.issuer if certificate else "",
        certificate_serial_number=certificate.serial_number if certificate else "",
        signing_key=signing_key,
        auth_time=granted.auth_time,
        acr=granted.acr,
        claims=granted.claims.as_text(),
    )
    return row, value, int(life.total_seconds())


def _signed(
    granted: Granted,
    *,
    audience: Audience,
    cnf: Mapping[str, str],
    jti: str,
    now: datetime,
    expires: datetime,
) -> str:
    ecosystem = granted.client.ecosystem
    claims = rfc9068.claims(
        issuer=ecosystem.issuer,
        subject=granted.subject,
        audience=audience.identifiers,
        client_id=granted.client.client_id,
        scope=granted.scope,
        authorization_details=granted.authorization_details,
        cnf=cnf,
        jti=jti,
        issued_at=now,
        expires_at=expires,
        auth_time=granted.auth_time,
        acr=granted.acr or None,
        amr=list(granted.amr) or None,
    )
    return sign(
        ecosystem,
        purpose=jose.Purpose.ACCESS_TOKEN,
        claims=claims,
        algorithm=granted.client.id_token_signed_response_alg,
    )


@requirement("OIDCC-3.1.3.3", "OIDCC-2")
def id_token(granted: Granted, *, access_token: str, now: datetime) -> str:
    """Return a signed id_token for the person who approved."""
    assert granted.user is not None
    assert granted.auth_time is not None
    client = granted.client
    algorithm = client.id_token_signed_response_alg or client.ecosystem.signing_algorithm
    claims = oidc.claims(
        issuer=client.ecosystem.issuer,
        subject=granted.subject,
        client_id=client.client_id,
        nonce=granted.nonce or None,
        auth_time=granted.auth_time,
        acr=granted.acr or None,
        amr=list(granted.amr),
        access_token=access_token,
        algorithm=algorithm,
        issued_at=now,
        expires_at=now + timedelta(minutes=5),
        extra=person_claims.values(granted.user, granted.told.id_token),
    )
    return sign(
        client.ecosystem,
        purpose=jose.Purpose.ID_TOKEN,
        claims=claims,
        algorithm=algorithm,
    )
