"""Connections to the addresses that were checked, held to one deadline in everything they do."""

import ssl
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import httpcore

from authserver.outbound.deadline import Deadline
from authserver.outbound.faults import HostFailed
from authserver.protocol.requirements import case, requirement


@case("JW-08")
@requirement("RFC9325-3.1.1")
@lru_cache(maxsize=8)
def tls_context(ca_file: str) -> ssl.SSLContext:
    """TLS that verifies chain and host name; ``ca_file`` adds CAs to those of the system."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


class CheckedAddresses(httpcore.SyncBackend):
    """Connects to these addresses and to nothing else, whatever host it is asked for."""

    def __init__(self, addresses: list[str], deadline: Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        for address in self._addresses:
            try:
                stream = super().connect_tcp(
                    address, port, self._deadline.left(), socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
            return TimedStream(stream, self._deadline)
        raise HostFailed("no connection")


class TimedStream(httpcore.NetworkStream):
    """Every step gets what is left of the deadline, not a time of its own."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            inner = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        except httpcore.ConnectError as error:
            refused = isinstance(error.__cause__, ssl.SSLCertVerificationError)
            raise HostFailed(
                "its TLS certificate was not accepted" if refused else "TLS failed"
            ) from None
        return TimedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
