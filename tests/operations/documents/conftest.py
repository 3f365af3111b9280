"""The documents that an ecosystem publishes, and where."""

from pathlib import Path

import pytest

from tests.support import certificates

PATHS = {
    "openid-configuration": "/openfinance/.well-known/openid-configuration",
    "oauth-authorization-server": "/.well-known/oauth-authorization-server/openfinance",
    "jwks": "/openfinance/jwks",
    "server-ca": "/openfinance/server-ca.pem",
    "theme": "/openfinance/theme.css",
}
DOCUMENTS = pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)


@pytest.fixture
def published(openfinance, settings, tmp_path: Path):
    """An ecosystem that has all of them."""
    settings.SERVER_CA_FILE = str(tmp_path / "ca.pem")
    (tmp_path / "ca.pem").write_text(certificates.root().pem)
    return openfinance
