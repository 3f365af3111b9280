"""TLS without a proxy in front: two listeners of one gunicorn, told apart by their ports.

Browsers are never asked for a certificate. Machines are asked, and may come without one: what a
certificate is worth is decided by the application. Python can only accept certificates of CAs
that it has loaded, so those of all ecosystems are; a new one counts after a reload (SIGHUP).
"""

import errno
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from authserver.loading import leave_no_connection, load_django
from authserver.protocol.requirements import requirement

HANDSHAKE_SECONDS = 5
STALL_SECONDS = 10  # a request or an answer may take longer, but never without a sign of life
CIPHERS = ":".join(  # RFC9325-4.2: all that TLS 1.2 may use; TLS 1.3 has its own, all good
    f"ECDHE-{key}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for key in ("ECDSA", "RSA")
)


class PatientSocket(ssl.SSLSocket):
    """Gives a caller some time, and then treats it as one that hung up.

    Without that, a few callers that say nothing hold every thread of the server for good.
    """

    def do_handshake(self, block: bool = False) -> None:
        self.settimeout(HANDSHAKE_SECONDS)
        with _stalls_are_hang_ups():
            super().do_handshake(block)
        self.settimeout(STALL_SECONDS)

    def setblocking(self, flag: bool) -> None:
        super().setblocking(flag)
        if flag:
            self.settimeout(STALL_SECONDS)

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        with _stalls_are_hang_ups():
            return super().recv(buflen, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:
        with _stalls_are_hang_ups():
            super().sendall(data, flags)


@contextmanager
def _stalls_are_hang_ups() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise ConnectionResetError(errno.ECONNRESET, "the caller stalled") from None


class Listeners:
    """Chooses the TLS context by the port that a connection came in on.

    Made before the workers are forked: they then share the keys of session tickets.
    """

    def __init__(
        self, *, certificate: Path, key: Path, browser_port: int, machine_port: int, cas: list[str]
    ) -> None:
        browsers, machines = _context(certificate, key), _context(certificate, key)
        machines.verify_mode = ssl.CERT_OPTIONAL
        machines.verify_flags |= ssl.VERIFY_X509_STRICT
        if cas:
            machines.load_verify_locations(cadata="\n".join(cas))
        self._contexts = {browser_port: browsers, machine_port: machines}

    def wrap_socket(self, connection: socket.socket, **options: Any) -> ssl.SSLSocket:
        context = self._contexts[connection.getsockname()[1]]
        return context.wrap_socket(connection, **options)


_before: list[Listeners] = []


def listeners(*, certificate: Path, key: Path, browser_port: int, machine_port: int) -> Listeners:
    """Return listeners for the certificate and CAs of this moment.

    When a reload cannot read them, those of before go on: a file that is being replaced, or a
    database that is away, must not end a server that runs.
    """
    try:
        made = Listeners(
            certificate=certificate,
            key=key,
            browser_port=browser_port,
            machine_port=machine_port,
            cas=trusted_cas(),
        )
    except Exception as fault:
        if not _before:
            raise
        sys.stderr.write(f"TLS stays as it was: {type(fault).__name__}\n")
    else:
        _before[:] = [made]
    return _before[0]


def trusted_cas() -> list[str]:
    """Return the CAs of all active ecosystems as PEM, and leave no connection to be forked."""
    load_django()
    from authserver.ecosystems.models import TrustAnchor

    try:
        anchors = TrustAnchor.objects.filter(ecosystem__is_active=True)
        return sorted(set(anchors.values_list("certificate", flat=True)))
    finally:
        leave_no_connection()


@requirement(
    "FAPI2-SP-FINAL-5.2.1-1",
    "FAPI2-SP-FINAL-5.2.1-3",
    "FAPI2-SP-FINAL-5.2.2",
    "FAPI2-SP-FINAL-5.2.3-2",
    "RFC9325-3.1.1",
    "RFC9325-4.2",
    "RFC9325A-A",
)
def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.load_cert_chain(certificate, key)
    context.sslsocket_class = PatientSocket
    return context
