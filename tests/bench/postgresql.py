"""A PostgreSQL of the run's own, as it comes: nothing is set but where it listens."""

import os
import pwd
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.bench.refused import Refused

INSTALLED = Path("/usr/lib/postgresql")
MISSING = "PostgreSQL is not installed: on Debian or Ubuntu, apt-get install postgresql."
ROLE = "bench"  # as a deployment's: it owns its databases and nothing else
PORT = 5432  # of the socket's name
STATEMENT = re.compile(r"^(\w+) LOG:  (?:statement|execute [^:]*): ", re.MULTILINE)


@dataclass(frozen=True)
class PostgreSQL:
    """A running cluster; ``folder`` has its socket and its log, ``data`` what it keeps."""

    folder: Path
    data: Path
    process: "subprocess.Popen[bytes]"

    @property
    def version(self) -> str:
        return (self.data / "PG_VERSION").read_text().strip()

    def create(self, database: str) -> None:
        with self.administrator() as administrator:
            names = sql.Identifier(database), sql.Identifier(ROLE)
            administrator.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))

    def drop(self, database: str) -> None:
        with self.administrator() as administrator:
            administrator.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )

    def url(self, database: str) -> str:
        return f"postgres://{ROLE}@/{database}?host={self.folder}"

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Within, every statement is written to the log, also an empty one."""
        self._log_statements("all")
        try:
            yield
        finally:
            self._log_statements("none")

    def statements(self, database: str, *, since: int) -> int:
        """So many statements of the database are in the log behind this position."""
        with (self.folder / "log").open(encoding="utf-8", errors="replace") as log:
            log.seek(since)
            return sum(1 for name in STATEMENT.findall(log.read()) if name == database)

    def position(self) -> int:
        return (self.folder / "log").stat().st_size

    def _log_statements(self, which: str) -> None:
        with self.administrator() as administrator:
            administrator.execute(
                sql.SQL("ALTER SYSTEM SET log_statement = {}").format(sql.Literal(which))
            )
            administrator.execute("SELECT pg_reload_conf()")
        time.sleep(0.5)  # until every process has read it

    def administrator(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=str(self.folder), port=PORT, user="postgres", dbname=database, autocommit=True
        )


@contextmanager
def running(
    folder: Path, *, data: Path | None = None, settings: Sequence[str] = ()
) -> Iterator[PostgreSQL]:
    """Start one, with a role for servers; stop it at the end.

    What it keeps is in ``data``, which is made where it is not there, else in the folder.
    """
    programs = newest()
    kept = data or folder / "data"
    owner = pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else os.geteuid()
    os.chown(folder, owner, -1)
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    is_new = not kept.exists()
    if is_new:
        _make(kept, programs, owner, environ)
    settings = ("listen_addresses=", "log_line_prefix=%d ", *settings)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", kept, "-k", folder, "-p", str(PORT),
             *(word for each in settings for word in ("-c", each))],
            user=owner,
            env=environ,
            stdout=log,
            stderr=log,
        )  # fmt: skip
    cluster = PostgreSQL(folder=folder, data=kept, process=process)
    try:
        _wait_for(cluster)
        if is_new:
            with cluster.administrator() as administrator:
                administrator.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(ROLE)))
        yield cluster
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.send_signal(3)  # SIGQUIT: at once, without its connections' leave
            process.wait()


def _make(data: Path, programs: Path, owner: int, environ: dict[str, str]) -> None:
    os.chown(data.parent, owner, -1)
    initdb = [str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres"]
    made = subprocess.run(initdb, user=owner, env=environ, capture_output=True, check=False)
    if made.returncode:
        raise Refused(f"PostgreSQL makes no database here: {made.stderr.decode()[-300:]!r}.")


def newest() -> Path:
    """The folder of the newest version's programs, else of those on the path; or Refused."""
    versions = [each for each in INSTALLED.glob("*/bin") if (each / "initdb").exists()]
    if versions:
        return max(versions, key=lambda each: float(each.parent.name))
    on_path = shutil.which("initdb")
    if on_path is None:
        raise Refused(MISSING)
    return Path(on_path).parent


def _wait_for(cluster: PostgreSQL) -> None:
    for _ in range(100):
        try:
            cluster.administrator().close()
        except psycopg.OperationalError:
            if cluster.process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise Refused(f"PostgreSQL does not start: {(cluster.folder / 'log').read_text()[-300:]!r}.")
