"""With no variable set, help and check work; what serves or stores demands its settings."""

import os
import re
import subprocess
import sys

import pytest
from django.core.management import get_commands

from docs.generator.setting_page import variables
from tests.support import fronts

TOP = fronts.TOP
REFUSED = 3
OURS = sorted(
    name
    for name, app in get_commands().items()
    if isinstance(app, str) and app.split(".")[0] in {"authserver", "clients", "consents"}
)
EXPLAINING = [
    [],
    ["help"],
    ["--help"],
    ["-h"],
    ["check"],
    ["help", "migrate"],
    ["runserver", "--help"],
    *([name, "-h"] for name in OURS),
]
ACTING = [
    ["check", "--deploy"],
    ["check", "--dep"],
    ["check", "--database", "default"],
    ["migrate"],
    ["migrate", "--", "-h"],
    ["runserver", "--noreload"],
    *([name] for name in OURS),
]
SERVERS = [
    ["-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"],
    ["-m", "gunicorn", "--config", "deploy/gunicorn.nginx.conf.py"],
    ["-c", "import authserver.wsgi"],
]


def run(*command, **given):
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AUTHSERVER_", "DJANGO_")) and name != "DATABASE_URL"
    }
    return subprocess.run(
        [sys.executable, *command],
        env=kept | given,
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def spelled(command):
    return " ".join(command) or "no command"


@pytest.mark.parametrize("command", EXPLAINING, ids=spelled)
def test_a_command_that_explains_itself_needs_nothing(command):
    done = run("manage.py", *command)

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_every_command_of_ours_is_in_the_list_of_commands():
    told = run("manage.py").stdout

    assert OURS
    assert [name for name in OURS if not re.search(rf"^ +{name}$", told, re.MULTILINE)] == []


@pytest.mark.parametrize("command", ACTING, ids=spelled)
def test_a_command_that_acts_demands_the_settings(command):
    done = run("manage.py", *command)

    assert done.returncode == 1
    assert "Set the AUTHSERVER_SECRET_KEY environment variable" in done.stderr


@pytest.mark.parametrize("command", SERVERS, ids=spelled)
def test_a_server_does_not_start(command):
    done = run(*command)

    assert done.returncode == REFUSED, done.stderr
    assert "authserver.E015" in done.stderr


def test_half_a_configuration_is_not_completed():
    done = run("manage.py", "check", AUTHSERVER_PUBLIC_BASE="https://as.example.com")

    assert done.returncode == 1
    assert "Set the AUTHSERVER_SECRET_KEY environment variable" in done.stderr


def example(tmp_path, **filled_in):
    """The variables of ``.env.example``, read as its first lines say, with these filled in."""
    text = (TOP / ".env.example").read_text()
    for name, value in filled_in.items():
        assert f"\n{name}=\n" in text
        text = text.replace(f"\n{name}=\n", f"\n{name}='{value}'\n")
    (tmp_path / ".env").write_text(text)
    done = subprocess.run(
        ["sh", "-c", "set -a; . ./.env; set +a; env"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    read = dict(line.split("=", 1) for line in done.stdout.splitlines())
    return {
        name: value
        for name, value in read.items()
        if name.startswith("AUTHSERVER_") or name == "DATABASE_URL"
    }


def test_the_example_names_what_is_required_and_nothing_unknown(tmp_path):
    named = set(example(tmp_path))

    assert {each.name for each in variables() if each.default is None} <= named
    assert named <= {each.name for each in variables()}


def test_the_example_has_no_secret():
    """What is published is no secret: whoever copies the file has to make one."""
    text = (TOP / ".env.example").read_text()

    assert "\nAUTHSERVER_SECRET_KEY=\n" in text
    assert "\nAUTHSERVER_KEY_ENCRYPTION_KEYS=\n" in text


def test_the_example_is_refused_until_it_is_filled_in(tmp_path):
    copied = example(tmp_path)
    refused = run("manage.py", "check", **copied)
    assert refused.returncode == 1
    assert "The SECRET_KEY setting must not be empty" in refused.stderr

    filled_in = example(
        tmp_path,
        AUTHSERVER_SECRET_KEY=fronts.SECRET_KEY,
        AUTHSERVER_KEY_ENCRYPTION_KEYS=fronts.KEY_ENCRYPTION_KEY,
    )
    done = run("manage.py", "check", **filled_in)
    assert done.returncode == 0, done.stderr
