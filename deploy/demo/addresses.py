"""Where the demo's programs listen, and whether those ports are free."""

import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from deploy.local.addresses import TwoListeners

# A demo prints passwords, so the server refuses to be one under a public name.
HOST_NAME = re.compile(
    r"localhost|127\.0\.0\.1|([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+(test|localhost|internal|local)"
)


class BadAddress(Exception):
    """A host name or port that cannot be used; the text says which and how to change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses(TwoListeners):
    """The two listeners of the server, one of the TPP and one of the bank."""

    host: str = "localhost"
    port: int = 8443
    mtls_port: int = 8444
    tpp_port: int = 8445
    bank_port: int = 8446

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read HOST, PORT, MTLS_PORT, TPP_PORT and BANK_PORT; raise BadAddress."""
        host = environ.get("HOST", "").strip().lower() or "localhost"
        if not HOST_NAME.fullmatch(host):
            raise BadAddress(
                "HOST must be localhost, 127.0.0.1, or a name that ends in .test, .localhost, "
                ".internal or .local: a demo has no public name."
            )
        ports = {}
        for field in ("port", "mtls_port", "tpp_port", "bank_port"):
            sent = environ.get(field.upper(), "").strip()
            if not sent:
                continue
            if not sent.isascii() or not sent.isdigit() or not 1 <= int(sent) <= 65535:
                raise BadAddress(f"{field.upper()} must be a number between 1 and 65535.")
            ports[field] = int(sent)
        addresses = cls(host=host, **ports)
        if len(set(addresses.ports.values())) < len(addresses.ports):
            raise BadAddress("PORT, MTLS_PORT, TPP_PORT and BANK_PORT must all differ.")
        return addresses

    @property
    def ports(self) -> Mapping[str, int]:
        """The ports by the name of the variable that changes them."""
        return {
            "PORT": self.port,
            "MTLS_PORT": self.mtls_port,
            "TPP_PORT": self.tpp_port,
            "BANK_PORT": self.bank_port,
        }

    @property
    def tpp_base(self) -> str:
        return self.base_of(self.tpp_port)

    @property
    def bank_base(self) -> str:
        return self.base_of(self.bank_port)

    @property
    def bind_host(self) -> str:
        """A name of this machine alone stays on it; any other name is meant to be reached."""
        return "127.0.0.1" if self.host in ("localhost", "127.0.0.1") else "0.0.0.0"  # noqa: S104


def require_usable(addresses: Addresses) -> None:
    """Return if the name leads here and every port is free; else raise BadAddress saying what."""
    try:
        socket.getaddrinfo(addresses.host, addresses.port, socket.AF_INET)
    except OSError:
        raise BadAddress(
            f"{addresses.host} has no address on this machine. Give it one, for example by this "
            f"line in /etc/hosts:\n  127.0.0.1 {addresses.host}"
        ) from None
    busy = [
        (variable, port)
        for variable, port in addresses.ports.items()
        if not _can_bind(addresses.bind_host, port)
    ]
    if busy:
        raise BadAddress(_busy_text(busy))


def _can_bind(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _busy_text(busy: Sequence[tuple[str, int]]) -> str:
    taken = ", ".join(f"{port} ({variable})" for variable, port in busy)
    example = " ".join(f"{variable}={port + 10000}" for variable, port in busy if port < 50000)
    return (
        f"Already in use on this machine: port {taken}.\n"
        "Is another demo running? Stop it, or choose other ports:\n"
        f"  make demo {example}"
    )
