"""The ecosystems of the tests: two issuers side by side, each with clients, a person, a bank."""

from datetime import timedelta
from functools import cache
from typing import Any

from django.utils import timezone
from joserfc.jwk import RSAKey

from authserver.accounts.models import Enrolment, User
from authserver.ecosystems.models import Ecosystem, TrustAnchor
from authserver.keys.models import SigningKey
from authserver.protocol import jose
from authserver.protocol.jose import generate
from authserver.protocol.jose.private_key import KEY_TYPES
from authserver.protocol.specs import mtls
from authserver.storage.encryption import encrypt
from clients.models import Client, ClientCertificate, ClientKeySet, Participant, ResourceServer
from tests.support import certificates, rsa_keys
from tests.support.rows import stored

BANK = "https://bank.example.com"
CALLBACK = "https://tpp.example.com/callback"
SCOPES = {
    "openid": "Know who you are",
    "accounts": "See your accounts",
    "payments": "Make a payment",
    "profile": "Know your name",
    "email": "Know your e-mail address",
    "offline_access": "Keep access while you are away",
}
ACCOUNT_TYPE = "account_information"
UAE_TYPES = [
    "urn:openfinanceuae:account-access-consent:v1.0",
    "urn:openfinanceuae:account-access-consent:v2.1",
]


@cache
def rsa_key(owner: str) -> RSAKey:
    """A signing key of a client."""
    private = rsa_keys.key_of(f"client {owner}")
    return RSAKey.import_key(private, {"kid": f"{owner}-key", "alg": "PS256", "use": "sig"})


@cache
def server_key_pem(algorithm: str, number: int) -> str:
    """One of the keys that the servers of a whole run have."""
    if KEY_TYPES[algorithm] == "RSA":
        return rsa_keys.pem_of(rsa_keys.key_of(f"server {algorithm} {number}")).decode()
    return generate(algorithm)


@cache
def _server_key(algorithm: str) -> tuple[str, dict[str, Any], str]:
    pem = server_key_pem(algorithm, 1)
    private = jose.load_private_key(pem, algorithm)
    return private.kid, jose.public_jwk(private), encrypt(pem)


def ecosystem(slug: str, *, profile: str, **changes: Any) -> Ecosystem:
    """An ecosystem with its trust anchors and active signing keys."""
    made = Ecosystem(
        **{
            "slug": slug,
            "name": slug.title(),
            "issuer": f"https://as.example.com/{slug}",
            "machine_base": f"https://mtls.as.example.com/{slug}",
            "profile": profile,
            "scopes": SCOPES,
            "client_credentials_scopes": ["accounts", "payments"],
            "claims": ["name", "email"],
            "authorization_details_types": [
                ACCOUNT_TYPE,
                "payment_initiation",
                "bilateral_contract",
                *UAE_TYPES,
            ],
            "languages": ["en", "ar"],
        }
        | changes
    )
    stored(made)
    for kind, anchor in _anchors():
        stored(TrustAnchor(ecosystem=made, kind=kind, **anchor))
    for algorithm in made.rules.signing_algorithms:
        stored(_signing_key(made, algorithm))
    return made


@cache
def _anchors() -> tuple[tuple[str, dict[str, Any]], ...]:
    found = []
    for kind, issued in (("root", certificates.root()), ("issuing", certificates.issuing())):
        parsed = mtls.parse_pem(issued.pem)
        columns = {
            "certificate": issued.pem,
            "subject": parsed.subject,
            "thumbprint": parsed.thumbprint,
            "not_after": parsed.not_after,
        }
        found.append((kind, columns))
    return tuple(found)


def _signing_key(ecosystem: Ecosystem, algorithm: str) -> SigningKey:
    kid, public, encrypted = _server_key(algorithm)
    kid = f"{ecosystem.slug}-{kid}"[:64]
    return SigningKey(
        ecosystem=ecosystem,
        kid=kid,
        algorithm=algorithm,
        state=SigningKey.State.ACTIVE,
        public_jwk=public | {"kid": kid},
        encrypted_private_key=encrypted,
        activated_at=timezone.now(),
    )


def participant(name: str, *, ecosystem: Ecosystem) -> Participant:
    return stored(
        Participant(
            ecosystem=ecosystem,
            legal_name=f"{name} Limited",
            trading_name=name,
            registration_number="12345",
            state="active",
        )
    )


def client(client_id: str, *, participant: Participant, **changes: Any) -> Client:
    """A correct client: private_key_jwt, mTLS-bound tokens, and a registered certificate."""
    made = Client(
        **{
            "client_id": client_id,
            "name": client_id,
            "participant": participant,
            "state": "active",
            "redirect_uris": CALLBACK,
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "scopes": list(SCOPES),
            "authorization_details_types": [
                ACCOUNT_TYPE,
                "payment_initiation",
                "bilateral_contract",
                "urn:openfinanceuae:*",
            ],
        }
        | changes
    )
    keys = {"keys": [rsa_key(client_id).as_dict(private=False)]}
    by_value = "jwks" in participant.ecosystem.rules.key_sources
    if by_value:
        made.client_jwks = keys
    else:
        made.client_jwks_uri = f"https://tpp.example.com/{client_id}/jwks.json"
    made._settle()
    stored(made)
    if not by_value:
        _as_fetched(made, keys)
    register_certificate(made, certificates.transport(client_id))
    return made


def _as_fetched(made: Client, keys: dict[str, Any]) -> None:
    """The keys as they came from their URI a moment ago."""
    now = timezone.now()
    stored(
        ClientKeySet(
            client=made,
            uri=made.client_jwks_uri,
            keys=keys,
            fetched_at=now,
            fresh_until=now + timedelta(minutes=20),
            next_fetch_at=now + timedelta(minutes=1),
        )
    )


def register_certificate(made: Client, issued: certificates.Issued) -> ClientCertificate:
    return stored(ClientCertificate(client=made, **_columns(issued)))


@cache
def _columns(issued: certificates.Issued) -> dict[str, Any]:
    parsed = mtls.parse_pem(issued.pem)
    return {
        "pem": issued.pem,
        "thumbprint": parsed.thumbprint,
        "subject": parsed.subject,
        "issuer": parsed.issuer,
        "serial_number": str(parsed.serial_number),
        "not_before": parsed.not_before,
        "not_after": parsed.not_after,
    }


def person(username: str, *ecosystems: Ecosystem) -> User:
    """Somebody with a password, enrolled in these ecosystems."""
    made = User.objects.create_user(
        username,
        password="correct horse",
        display_name="Mariam Haddad",
        first_name="Mariam",
        last_name="Haddad",
        email=f"{username}@example.com",
    )
    for each in ecosystems:
        stored(Enrolment(user=made, ecosystem=each, person_id=username))
    return made


def bank(ecosystem: Ecosystem, **changes: Any) -> ResourceServer:
    """A resource server with the client by which it introspects tokens."""
    owner = participant("Bank", ecosystem=ecosystem)
    introspector = client(f"{ecosystem.slug}-bank", participant=owner, grant_types=[], scopes=[])
    made = ResourceServer(
        **{
            "ecosystem": ecosystem,
            "participant": owner,
            "name": "Bank",
            "identifier": BANK,
            "scopes": ["accounts", "payments"],
            "authorization_details_types": [
                ACCOUNT_TYPE,
                "payment_initiation",
                "bilateral_contract",
                "urn:openfinanceuae:*",
            ],
            "client": introspector,
            "account_source_url": "https://bank.example.com/",
        }
        | changes
    )
    return stored(made)
