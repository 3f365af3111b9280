"""TLS as a client of the demo's programs: its root and nothing else is trusted."""

import ssl
from pathlib import Path


def client_context(
    *, root: Path, certificate: Path | None = None, key: Path | None = None
) -> ssl.SSLContext:
    """Return a context that verifies servers and presents the client certificate, if given."""
    context = ssl.create_default_context(cafile=root)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        context.load_cert_chain(certificate, key)
    return context
