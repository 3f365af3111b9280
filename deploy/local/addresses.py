"""Where a server on one machine listens."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoListeners:
    """The host name that stands in every URL; ``port`` for browsers, ``mtls_port`` for machines."""

    host: str
    port: int
    mtls_port: int

    @property
    def public_base(self) -> str:
        return self.base_of(self.port)

    @property
    def machine_base(self) -> str:
        return self.base_of(self.mtls_port)

    def base_of(self, port: int) -> str:
        return f"https://{self.host}:{port}"
