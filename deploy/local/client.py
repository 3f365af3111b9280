"""A client as its own program knows it."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A registered client with its keys; ``authenticates_by`` is a token endpoint method."""

    client_id: str
    name: str
    legal_name: str
    ecosystem: str
    issuer: str
    authenticates_by: str
    redirect_uri: str
    signing_key: rsa.RSAPrivateKey
    kid: str
    transport_certificate: Path
    transport_key: Path
