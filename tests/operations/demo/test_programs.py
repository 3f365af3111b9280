"""Programs are stopped with all that they started, and what a killed demo left is stopped too."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from deploy.local.programs import ProgramFailed, Programs, alone_in

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def programs(tmp_path):
    made = Programs(log=tmp_path / "log", pids=tmp_path / "pids")
    yield made
    made.stop()


def start(programs, script, name="program"):
    command = [sys.executable, "-c", script]
    programs.start(name, command, folder=Path.cwd(), environ=dict(os.environ))


def printed(tmp_path):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = (tmp_path / "log" / "program.log").read_text()
        if found.endswith("\n"):
            return found
        time.sleep(0.02)
    raise AssertionError("the program printed nothing")


def is_running(pid):
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def wait_until_gone(pid):
    deadline = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(pid)


def test_stopping_ends_the_program_and_its_children(programs, tmp_path):
    start(programs, PARENT)
    child = int(printed(tmp_path))
    assert is_running(child)
    programs.stop()
    assert wait_until_gone(child)
    assert not list((tmp_path / "pids").iterdir())


def test_a_program_that_ended_is_reported_with_the_end_of_its_log(programs, tmp_path):
    start(programs, "import sys; print('no such file'); sys.exit(3)")
    printed(tmp_path)
    with httpx.Client() as http, pytest.raises(ProgramFailed) as fault:
        programs.wait_until_ready("program", "http://127.0.0.1:1/", http)
    assert "code 3" in str(fault.value)
    assert "no such file" in str(fault.value)


def test_one_folder_holds_one_demo_at_a_time(tmp_path):
    with alone_in(tmp_path), pytest.raises(ProgramFailed, match="Another demo"), alone_in(tmp_path):
        raise AssertionError("two at once")
    with alone_in(tmp_path):
        pass


def test_what_a_killed_demo_left_running_is_stopped(programs, tmp_path):
    start(programs, PARENT)
    child = int(printed(tmp_path))
    with alone_in(tmp_path):
        assert wait_until_gone(child)


def test_a_pid_that_belongs_to_somebody_else_by_now_is_left_alone(tmp_path):
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(command, start_new_session=True) as stranger:
        (tmp_path / "pids").mkdir()
        (tmp_path / "pids" / "server.pid").write_text(f"{stranger.pid}\npython -m gunicorn")
        with alone_in(tmp_path):
            assert stranger.poll() is None
        os.killpg(stranger.pid, signal.SIGKILL)
    assert not list((tmp_path / "pids").iterdir())
