"""The log: one JSON object a line, or lines for people; a traceback in it shows no values."""

import json
import os
import subprocess
import sys

from tests.support import fronts

PROGRAM = """
import logging
import structlog
from authserver.loading import load_django
load_django()
def broken(word):
    raise KeyError("no such thing")
for log in (structlog.get_logger("ours"), logging.getLogger("django.request")):
    try:
        broken("swordfish")
    except KeyError:
        log.exception("it_broke")
"""


def logged(tmp_path, **given):
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environ | fronts.environment(tmp_path) | given,
        cwd=fronts.TOP,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


def test_without_a_word_it_is_for_machines(tmp_path):
    lines = [json.loads(line) for line in logged(tmp_path).splitlines()]

    assert [line["event"] for line in lines] == ["it_broke", "it_broke"]
    assert all("KeyError: 'no such thing'" in line["exception"] for line in lines)
    assert "swordfish" not in logged(tmp_path)


def test_it_can_be_for_people(tmp_path):
    told = logged(tmp_path, AUTHSERVER_LOG_READABLE="1")

    assert told.count("it_broke") == 2
    assert told.count("\nTraceback (most recent call last):\n") == 2
    assert told.count("\nKeyError: 'no such thing'\n") == 2
    assert "swordfish" not in told
