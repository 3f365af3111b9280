"""The server as it is deployed, with TLS of its own or behind nginx, and callers of every kind."""

import http.client
import os
import re
import secrets
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from cryptography.fernet import Fernet

from deploy.local import nginx
from tests.support import answers, certificates

TOP = Path(__file__).resolve().parents[2]
PEOPLE, MACHINES = "as.example.com", "mtls.as.example.com"
SECRET_KEY = secrets.token_urlsafe(64)
KEY_ENCRYPTION_KEY = Fernet.generate_key().decode()


@dataclass
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes
    session: ssl.SSLSession | None = None
    session_reused: bool | None = None


@dataclass
class Front:
    """A running server: the ports of its listeners, and the folder of all certificates.

    ``plain_port`` is nginx's 80; ``address`` is the one of this machine at which it is called.
    """

    folder: Path
    people_port: int
    machine_port: int
    plain_port: int = 0
    logs: list[Path] = field(default_factory=list)
    address: str = "127.0.0.1"
    gunicorn: "subprocess.Popen[bytes]" = field(init=False)

    @property
    def is_behind_nginx(self) -> bool:
        return bool(self.plain_port)

    def port_of(self, host: str) -> int:
        return self.people_port if host == PEOPLE else self.machine_port

    def pem(self, name: str) -> str:
        return (self.folder / f"{name}.pem").read_text()

    def forged(self, name: str) -> dict[str, str]:
        """The headers by which the proxy would hand this certificate on."""
        return certificates.forwarded(self.pem(name))

    def context(self, identity: str | None = None) -> ssl.SSLContext:
        """TLS of a client, with the certificate of this name."""
        context = ssl.create_default_context(cafile=str(self.folder / "root.pem"))
        if identity:
            context.load_cert_chain(
                self.folder / f"{identity}.pem", self.folder / f"{identity}.key"
            )
        return context

    @contextmanager
    def connected(
        self,
        host: str,
        *,
        identity: str | None = None,
        context: ssl.SSLContext | None = None,
        session: ssl.SSLSession | None = None,
        server_name: str | None = None,
        seconds: float = 30,
    ) -> Iterator[ssl.SSLSocket]:
        plain = socket.create_connection((self.address, self.port_of(host)), timeout=seconds)
        made = context or self.context(identity)
        with (
            plain,
            made.wrap_socket(
                plain, server_hostname=server_name or host, session=session
            ) as secured,
        ):
            yield secured

    def call(
        self,
        host: str,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        named: str | None = None,
        **how: object,
    ) -> Response:
        """Post the form, or get the page when there is none; ``named`` is the Host header.

        The listeners stand where the world sees port 443, so no port is named.
        """
        with self.connected(host, **how) as secured:  # type: ignore[arg-type]
            connection = http.client.HTTPConnection(host)
            connection.sock = secured
            sent = {"Host": named or host} | dict(headers or {})
            if form is None:
                connection.request("GET", path, headers=sent)
            else:
                sent |= {"Content-Type": "application/x-www-form-urlencoded"}
                connection.request("POST", path, urlencode(form), headers=sent)
            answer = connection.getresponse()
            body = answer.read()
            answers.require_nothing_private(answer.headers, body)
            return Response(
                answer.status, dict(answer.headers), body, secured.session, secured.session_reused
            )

    def token(self, client_id: str, host: str = MACHINES, **how: object) -> Response:
        form = {"grant_type": "client_credentials", "scope": "accounts", "client_id": client_id}
        return self.call(host, "/openfinance/token", form, **how)  # type: ignore[arg-type]

    def raw(self, host: str, octets: bytes, **how: object) -> bytes:
        """Send these octets and return all that comes back, looked at as every answer is."""
        with self.connected(host, **how) as secured:  # type: ignore[arg-type]
            secured.sendall(octets)
            found = b""
            with suppress(TimeoutError, ConnectionResetError, ssl.SSLError):
                while received := secured.recv(65_536):
                    found += received
            answers.require_public_octets(found)
            return found

    def asks_for_a_certificate(self, host: str) -> bool:
        """True if the TLS handshake has a CertificateRequest in it."""
        said = self.openssl(host, "-msg")
        assert b"ServerHello" in said
        return b"CertificateRequest" in said

    def openssl(self, host: str, *options: str, sent: bytes = b"") -> bytes:
        """What openssl's own client says about the listener."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        command = ["openssl", "s_client", "-connect", f"{address}:{self.port_of(host)}"]
        command += ["-servername", host, "-CAfile", str(self.folder / "root.pem"), *options]
        done = subprocess.run(command, input=sent, capture_output=True, timeout=20, check=False)
        return done.stdout


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as listener:
            listener.bind(("::1", 0))
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def environment(folder: Path, **changes: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")},
        "DJANGO_SETTINGS_MODULE": "authserver.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'tls.sqlite3'}",
        "AUTHSERVER_STATIC_ROOT": str(folder / "static"),
        "AUTHSERVER_SECRET_KEY": SECRET_KEY,
        "AUTHSERVER_KEY_ENCRYPTION_KEYS": KEY_ENCRYPTION_KEY,
        "AUTHSERVER_ALLOWED_HOSTS": f"{PEOPLE},{MACHINES}",
        "AUTHSERVER_PUBLIC_BASE": f"https://{PEOPLE}",
        "AUTHSERVER_MACHINE_BASE": f"https://{MACHINES}",
        **changes,
    }


def run(folder: Path, *arguments: str, **changes: str) -> None:
    """Run Python with these arguments on the database of the folder."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment(folder, DJANGO_SETTINGS_MODULE="tests.settings", **changes),
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def copy_of_the_database(folder: Path, path: Path) -> str:
    """Copy it as it is at one moment, whoever uses it meanwhile; return the URL of the copy."""
    with (
        closing(sqlite3.connect(folder / "tls.sqlite3")) as used,
        closing(sqlite3.connect(path)) as copy,
    ):
        used.backup(copy)
    return f"sqlite:///{path}"


@contextmanager
def process(
    command: list[str], env: Mapping[str, str], log: Path
) -> "Iterator[subprocess.Popen[bytes]]":
    with log.open("ab") as sink:
        started = subprocess.Popen(command, env=dict(env), cwd=TOP, stdout=sink, stderr=sink)
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(timeout=40)
        except subprocess.TimeoutExpired:
            started.kill()


@contextmanager
def embedded(folder: Path, address: str = "127.0.0.1", **changes: str) -> Iterator[Front]:
    """gunicorn with TLS of its own."""
    front = Front(folder, people_port=free_port(), machine_port=free_port(), address=address)
    log = folder / f"embedded-{front.people_port}.log"
    env = environment(
        folder,
        **{
            "AUTHSERVER_TLS_CERTIFICATE": str(folder / "server.pem"),
            "AUTHSERVER_TLS_KEY": str(folder / "server.key"),
            "AUTHSERVER_BIND_HOST": f"[{address}]" if ":" in address else address,
            "AUTHSERVER_BROWSER_PORT": str(front.people_port),
            "AUTHSERVER_MACHINE_PORT": str(front.machine_port),
            **changes,
        },
    )
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    with process(command, env, log) as front.gunicorn:
        front.logs = [log]
        wait_for(front)
        yield front


@contextmanager
def behind_nginx(folder: Path) -> Iterator[Front]:
    """gunicorn on a UNIX socket, and the deployment's nginx in front of it."""
    home = folder / "nginx"
    home.mkdir()
    path = home / "authserver.sock"
    env = environment(folder, AUTHSERVER_TRUSTED_PROXY="unix", AUTHSERVER_SOCKET=str(path))
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.nginx.conf.py"]
    with process(command, env, home / "gunicorn.log"), nginx_alone(folder, home) as front:
        wait_for(front)
        yield front


@contextmanager
def nginx_alone(folder: Path, home: Path, **changes: str) -> Iterator[Front]:
    """The deployment's nginx, whatever is behind it; ``changes`` are other values of directives."""
    front = Front(folder, people_port=free_port(), machine_port=free_port(), plain_port=free_port())
    front.logs = [home / name for name in ("gunicorn.log", "nginx.log", "access.log")]
    command = nginx_command(front, home, changes)
    with process(command, os.environ, home / "nginx.log"):
        yield front


def nginx_command(front: Front, home: Path, changes: Mapping[str, str]) -> list[str]:
    """How to start the deployment's nginx with the ports and paths of this front."""
    replaced = {
        "listen 443 ssl": f"listen 127.0.0.1:{front.people_port} ssl",
        "listen 8444 ssl": f"listen 127.0.0.1:{front.machine_port} ssl",
        "listen 80 ": f"listen 127.0.0.1:{front.plain_port} ",
        "listen [::]:443 ssl": f"listen [::1]:{front.people_port} ssl",
        "listen [::]:8444 ssl": f"listen [::1]:{front.machine_port} ssl",
        "listen [::]:80 ": f"listen [::1]:{front.plain_port} ",
        "/etc/authserver/tls/": f"{front.folder}/",
        "/etc/nginx/": f"{home}/",
        "/var/log/nginx/authserver.log": str(home / "access.log"),
        "/var/log/nginx/authserver.error.log": str(home / "error.log"),
        "/run/authserver/authserver.sock": str(home / "authserver.sock"),
        "/var/cache/authserver": str(home / "documents"),
    }
    texts = [path.read_text() for path in (TOP / "deploy" / "nginx").glob("*.conf")]
    assert all(any(ours in text for text in texts) for ours in replaced)

    def changed(text: str) -> str:
        for ours, theirs in replaced.items():
            text = text.replace(ours, theirs)
        for directive, value in changes.items():
            text = re.sub(rf"\b{directive} [^;]+;", f"{directive} {value};", text)
        if not has_ipv6():
            text = "".join(line for line in text.splitlines(True) if "listen [" not in line)
        return text

    return nginx.command(home, changed)


def wait_for(front: Front) -> None:
    for _ in range(450):
        try:
            if front.call(PEOPLE, "/openfinance/jwks").status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.2)
    raise AssertionError("\n".join(log.read_text()[-3000:] for log in front.logs if log.exists()))
