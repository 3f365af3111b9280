"""Where there is no result the program says why in one sentence, and ends with a status of 1."""

import re
import stat

import pytest

from tests.bench import __main__ as program
from tests.bench import peer, postgresql, run
from tests.bench.measuring import Measurement
from tests.bench.refused import Refused


@pytest.fixture
def one_sentence(capfd):
    """Run the program; return what it said and nothing beside it."""

    def started(*arguments):
        status = program.main(["--quick", *arguments])
        printed = capfd.readouterr()
        [*_, said] = printed.err.splitlines()
        assert (status, printed.out) == (1, "")
        assert re.fullmatch(r"[A-Z].*\.", said)
        return said

    return started


@pytest.fixture
def new_clone(monkeypatch, tmp_path):
    """Nothing was installed yet, and no program is on the path but those that a test puts there."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setattr(peer, "FOLDER", tmp_path / "peer")
    monkeypatch.setattr(run, "database", None)  # nobody comes that far
    monkeypatch.setenv("PATH", str(programs))
    return programs


def put(folder, name, script):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_without_npm(one_sentence, new_clone):
    assert one_sentence() == peer.NO_NPM


def test_without_a_registry(one_sentence, new_clone):
    put(new_clone, "npm", "echo 'npm error code ENOTFOUND' >&2; exit 1")

    assert one_sentence() == ("The peer cannot be installed: npm says 'npm error code ENOTFOUND'.")


def test_without_a_node_for_this_machine(one_sentence, new_clone):
    put(new_clone, "npm", "exit 0")

    assert one_sentence() == "The peer cannot be installed: there is no Node for this machine."


def test_without_postgresql(one_sentence, monkeypatch, tmp_path):
    monkeypatch.setattr(peer, "installed", lambda: tmp_path / "node")
    monkeypatch.setattr(postgresql, "INSTALLED", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert one_sentence() == postgresql.MISSING


def test_with_a_wrong_answer(one_sentence, monkeypatch):
    def measure(*_):
        raise Refused("The peer answers 'discovery' wrongly: the status is 500.")

    monkeypatch.setattr(program, "measure", measure)

    assert one_sentence() == "The peer answers 'discovery' wrongly: the status is 500."


def test_with_figures_of_another_amount_of_work(one_sentence, monkeypatch):
    half = Measurement(
        operation="discovery",
        side="ours",
        lanes=1,
        round=1,
        units=1,
        requests=1,
        seconds=1.0,
        server_ms=1.0,
        database_ms=1.0,
        driver_ms=1.0,
        speed_us=1000.0,
        latencies=(0.1,),
    )
    result = run.Result(
        plan=run.QUICK, measurements=[half], statements={}, resident={}, versions={}
    )
    monkeypatch.setattr(program, "measure", lambda *_: result)

    assert one_sentence().startswith("The work was not the same: ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--only", "implicit"], "no operation is called 'implicit'"),
        (["--only", "token", "--table"], "the page has figures of a whole run"),
        (["--quick", "--table"], "the page has figures of a whole run"),
    ],
)
def test_what_cannot_be_meant_starts_nothing(capsys, arguments, sentence):
    with pytest.raises(SystemExit) as ended:
        program.main(arguments)

    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
