"""What registration knows of a client and its ecosystem, and what it finds wrong."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from authserver.protocol.profiles.base import RegisteredClient


class EcosystemOffer(Protocol):
    """What an ecosystem has on offer; a client gets a part of it."""

    scopes: Collection[str]
    claims: Collection[str]
    authorization_details_types: Collection[str]

    @property
    def access_token_lifetime(self) -> timedelta: ...


class Registration(RegisteredClient, Protocol):
    """A client as it would be registered."""

    signing_algorithm: str
    id_token_signed_response_alg: str
    access_token_format: str
    access_token_seconds: int | None
    allowed_addresses: Collection[str]
    tls_client_auth_subject_dn: str
    tls_client_auth_san_dns: str
    tls_client_auth_san_uri: str
    tls_client_auth_san_ip: str
    tls_client_auth_san_email: str

    @property
    def ecosystem(self) -> EcosystemOffer: ...


@dataclass(frozen=True, slots=True)
class Problem:
    """A field that cannot be registered so, the clause that it breaks, and a sentence why."""

    field: str
    clause: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.sentence} [{self.clause}]"
