"""Where the demo keeps what it makes, and under which addresses it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.demo.addresses import Addresses


def folder(environ: Mapping[str, str], *, top: Path) -> Path:
    """Return where the demo keeps everything: DEMO_FOLDER, or a folder that git ignores."""
    return Path(environ.get("DEMO_FOLDER") or top / ".demo").absolute()


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The demo's folder and addresses: everything it makes lies in the one, under the other."""

    folder: Path
    addresses: Addresses
    extra_redirect_uris: Sequence[str] = field(default=())

    @property
    def kit(self) -> Path:
        return self.folder / "sandbox"

    @property
    def sandbox_json(self) -> Path:
        return self.kit / "sandbox.json"

    @property
    def pki(self) -> Path:
        return self.folder / "pki"

    @property
    def root_pem(self) -> Path:
        return self.pki / "root.pem"

    @property
    def server_pem(self) -> Path:
        return self.pki / "server.pem"

    @property
    def server_key(self) -> Path:
        return self.pki / "server.key"

    @property
    def secrets_json(self) -> Path:
        return self.folder / "secrets.json"

    @property
    def database(self) -> Path:
        return self.folder / "db.sqlite3"

    @property
    def log(self) -> Path:
        return self.folder / "log"
