"""Our side of a run, started and stopped: the authorization server and the kit's resource."""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from deploy.conformance.material import Material, folder_of
from deploy.conformance.plans import NGINX, Run
from deploy.conformance.server import Place, environment, nginx_command
from deploy.local.authorization_server import TOP
from deploy.local.https_client import opened
from deploy.local.preparation import preparation
from deploy.local.programs import Programs
from deploy.local.terminal import Terminal


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
    arguments = (suite, place.resource, str(folder), place.front, *(run.alias for run in runs))
    command = [sys.executable, "-m", "deploy.conformance.prepare", *arguments]
    with preparation(command, environ=environ, log=folder / "log" / "prepare.log") as wait_for:
        wait_for("register")
