"""Our side of a run, started and stopped: the authorization server and the kit's resource."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from deploy.conformance.material import TOP, Material, folder_of
from deploy.conformance.plans import NGINX, Run
from deploy.conformance.server import Place, environment, nginx_command
from deploy.demo.https_client import opened
from deploy.demo.programs import ProgramFailed, Programs
from deploy.demo.terminal import Terminal


@contextlib.contextmanager
def running(runs: Sequence[Run], *, suite: str, terminal: Terminal) -> Iterator[None]:
    """Everything that the runs need, all behind one front: registered and answering."""
    place = Place.read(os.environ, front=runs[0].front)
    folder = folder_of(place.front)
    with terminal.step("Keys and certificates"):
        material = Material.kept_in(folder)
        material.certify_server(place.host)
    environ = environment(place, material)
    with terminal.step("Database and registrations"):
        _prepare(runs, suite, place, folder, environ)
    programs = Programs(log=folder / "log", pids=folder / "pids")
    try:
        with terminal.step("Starting the server and the resource"):
            _start(programs, place, material, environ)
            with opened(root=material.root_pem) as http:
                slug = runs[0].ecosystem
                metadata = f"{place.public_base}/{slug}/.well-known/openid-configuration"
                programs.wait_until_ready("server", metadata, http)
                keys = f"{place.resource}/keys/first/jwks.json"
                programs.wait_until_ready("resource", keys, http)
        yield
    finally:
        programs.stop()


def _start(
    programs: Programs, place: Place, material: Material, environ: Mapping[str, str]
) -> None:
    arguments = (str(material.folder), place.public_base, place.host, str(place.resource_port))
    resource = [sys.executable, "-m", "deploy.conformance.resource", *arguments]
    programs.start("resource", resource, folder=TOP, environ=environ)
    if place.front == NGINX:
        programs.start("nginx", nginx_command(place, material), folder=TOP, environ=environ)
    programs.start("server", place.command, folder=TOP, environ=environ)


def _prepare(
    runs: Sequence[Run], suite: str, place: Place, folder: Path, environ: Mapping[str, str]
) -> None:
    path = folder / "log" / "prepare.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    arguments = (suite, place.resource, str(folder), place.front, *(run.alias for run in runs))
    with path.open("wb") as log:
        done = subprocess.run(  # noqa: S603 - the command is ours
            [sys.executable, "-m", "deploy.conformance.prepare", *arguments],
            cwd=TOP,
            env=environ,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        last = "\n".join(path.read_text().splitlines()[-15:])
        raise ProgramFailed(f"The database could not be prepared:\n{last}\n({path})")
