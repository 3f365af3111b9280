"""What a flood of sign-ins, inside its limits, does to machines: run as a program.

    DATABASE_URL=postgres://... python -m tests.bench.sign_in_flood

Starts a server of its own (two workers) on a database of its own beside that one, asks for tokens
one after the other, by turns alone and beside wrong passwords of invented names, five a second from
twenty addresses, and prints the medians of three rounds. It takes two minutes and sends some 350
passwords. Those are sent by a process of their own, which has its own lock of Python: the time that
a token takes is the server's, and not what this program's threads take from each other.
"""

import multiprocessing
import os
import re
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

ROUNDS, SECONDS = 3, 20.0
SIGN_INS_PER_SECOND, ADDRESSES = 5.0, 20
PAUSE = 0.05  # between two requests for a token
FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # made once: to read the system's CAs takes long
FRONT = {"Host": "as.example.com", "X-Forwarded-Proto": "https"}

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"


def main() -> None:
    from tests.support import live_server
    from tests.support.databases import postgresql_database
    from tests.support.empty_database import PROGRAM

    name = f"bench_{uuid.uuid4().hex[:12]}"
    with postgresql_database(os.environ["DATABASE_URL"], name) as url:
        live_server._run([sys.executable, "-c", PROGRAM], url)
        with tempfile.TemporaryDirectory() as folder:
            measure(url, Path(folder) / "log")


def measure(database_url: str, log: Path) -> None:
    from tests.support.live_server import Server, _environment, _wait_for

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(port=port, database_url=database_url, log=log)
    with log.open("ab") as sink:
        server.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.nginx.conf.py",
             "--bind", f"127.0.0.1:{port}", "--workers", "2"],
            env=_environment(database_url)
            | {"LIVE_SERVER": "1", "DJANGO_SETTINGS_MODULE": "tests.bench.settings"},
            stdout=sink,
            stderr=sink,
        )  # fmt: skip
    try:
        _wait_for(port, log)
        ask(server, 2.0)  # warm
        alone, beside = [], []
        for _ in range(ROUNDS):
            alone.append(ask(server, SECONDS / 2))
            beside.append(ask(server, SECONDS, flooded=True))
        report("tokens, alone", alone)
        report("tokens, beside the flood", beside)
        largest = max(resident(pid) for pid in server.workers())
        sys.stdout.write(f"largest worker ever: {largest} MB\n")
    finally:
        server.stop()


def ask(server: Any, seconds: float, *, flooded: bool = False) -> list[float]:
    """Ask for tokens for so long; return how many milliseconds each answer took."""
    apart = multiprocessing.get_context("spawn")
    ending = apart.Event()
    flood = apart.Process(target=sign_ins, args=(server.url, ending))
    if flooded:
        flood.start()
        time.sleep(4)  # until it has started
    took = []
    form = {"grant_type": "refresh_token", "refresh_token": server.kit["living"]}
    form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    end = time.monotonic() + seconds
    with httpx.Client(base_url=server.url, timeout=30) as http:
        while time.monotonic() < end:
            form["client_assertion"] = server.assertions(1)[0]
            began = time.perf_counter()
            answer = server.post(http, "/token", form)
            took.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.text
            time.sleep(PAUSE)
    ending.set()
    if flooded:
        flood.join()
    return took


def sign_ins(url: str, ending: Any) -> None:
    """Wrong passwords at an even pace, whatever the answers; says how they were answered."""
    with httpx.Client(base_url=url, timeout=60, verify=NO_TLS) as http:
        page = http.get("/accounts/login/", headers=FRONT)
    found = FIELD.search(page.text)
    assert found, page.text
    cookie = page.headers["set-cookie"].partition(";")[0]
    statuses: list[int] = []
    threads: list[threading.Thread] = []
    while not ending.wait(1 / SIGN_INS_PER_SECOND):
        number = len(threads)
        thread = threading.Thread(
            target=sign_in, args=(url, number, cookie, found[1], statuses), daemon=True
        )
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join(60)
    counts = {status: statuses.count(status) for status in sorted(set(statuses))}
    sys.stdout.write(f"sign-ins by status: {counts}\n")


def sign_in(url: str, number: int, cookie: str, token: str, statuses: list[int]) -> None:
    form = {"login": uuid.uuid4().hex, "password": "wrong", "csrfmiddlewaretoken": token}
    headers = {"Cookie": cookie, "Origin": "https://as.example.com"}
    headers["X-Real-IP"] = f"192.0.2.{number % ADDRESSES}"
    with httpx.Client(base_url=url, timeout=60, verify=NO_TLS) as http:
        statuses.append(
            http.post("/accounts/login/", data=form, headers=FRONT | headers).status_code
        )


def resident(pid: int) -> int:
    """The most memory that a process ever had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) // 1024 if found else 0


def report(what: str, rounds: list[list[float]]) -> None:
    p50 = statistics.median(statistics.median(took) for took in rounds)
    p95 = statistics.median(statistics.quantiles(took, n=20)[-1] for took in rounds)
    sent = sum(len(took) for took in rounds)
    sys.stdout.write(f"{what}: p50 {p50:.1f} ms, p95 {p95:.1f} ms ({sent} requests)\n")


if __name__ == "__main__":
    main()
