"""The deployment's nginx on one machine: its own files, with other ports and paths."""

import os
from collections.abc import Callable
from pathlib import Path

from deploy.local.authorization_server import TOP

SCRATCH = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def command(home: Path, changed: Callable[[str], str]) -> list[str]:
    """Write the files, each as ``changed`` makes it, into ``home``; return how to start nginx."""
    for deployed in (TOP / "deploy" / "nginx").glob("*.conf"):
        (home / deployed.name).write_text(changed(deployed.read_text()))
    scratch_folders = "".join(f"{name}_temp_path {home / name};\n" for name in SCRATCH)
    user = "user root;\n" if os.geteuid() == 0 else ""  # the socket is open to our group alone
    main = home / "nginx.conf"
    main.write_text(
        f"{user}daemon off;\npid {home / 'pid'};\nerror_log {home / 'main.log'};\nevents {{}}\n"
        f"http {{\n{scratch_folders}include {home / 'authserver.conf'};\n}}\n"
    )
    return ["nginx", "-c", str(main), "-p", str(home)]
