"""The parts of the driver, each by itself: what it reads, fills in, adds up and writes down."""

import cProfile
import json
import multiprocessing
import os
import pstats
import time

import pytest

from tests.bench import processes
from tests.bench.browser import filled_in
from tests.bench.connection import read, request
from tests.bench.postgresql import PostgreSQL
from tests.bench.profiles import bar, by_part, part_of
from tests.bench.refused import Refused
from tests.bench.table import put_in, table

HEAD = b"HTTP/1.1 201 Created\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n"
WHOLE = HEAD + b"Content-Length: 4\r\n\r\nbody"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nbod\r\n1\r\ny\r\n0\r\n\r\n"


@pytest.mark.parametrize("octets", [WHOLE, CHUNKED], ids=["length", "chunks"])
def test_an_answer_is_read_when_it_is_whole(octets):
    assert [read(octets[:size]) for size in range(len(octets))] == [None] * len(octets)

    answer = read(octets)

    assert answer is not None
    assert (answer.status, answer.body) == (201, b"body")
    assert answer.headers("set-cookie") == ["a=1", "b=2"]
    assert answer.header("location") == ""


def test_a_request_names_the_host_and_the_length_of_its_form():
    octets = request(
        "POST", "https://as.example.com/par?a=b", form={"x": "1 2"}, headers={"H": "v"}
    )

    assert octets == (
        b"POST /par?a=b HTTP/1.1\r\nHost: as.example.com\r\nAccept: */*\r\nH: v\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5\r\n\r\nx=1+2"
    )


def test_the_form_that_goes_on_is_sent_with_its_hidden_fields():
    page = """
        <form method="post" action="/language"><input name="language" value="ar"></form>
        <form method="post" action="/next?a=1&amp;b=2">
          <input type="hidden" name="csrf" value="&lt;x&gt;">
          <button name="decision" value="approve">Yes</button>
          <button name="decision" value="refuse">No</button>
        </form>
    """

    assert filled_in(page, "mariam") == (
        "/next?a=1&b=2",
        {"csrf": "<x>", "decision": "approve"},
    )


def test_a_sign_in_gets_name_and_password():
    page = '<form method="post"><input name="login"><input type="password" name="password"></form>'

    assert filled_in(page, "mariam") == ("", {"login": "mariam", "password": "correct horse"})


def test_a_page_without_a_way_on_ends_the_run():
    with pytest.raises(Refused, match="no form that goes on"):
        filled_in("<form><input name='q'></form>", "mariam")


def busy(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_cpu_of_a_child_counts_while_it_lives_and_when_it_is_gone():
    own = os.getpid()
    child = multiprocessing.get_context("fork").Process(target=busy, args=(0.3,))
    before = processes.cpu_ms(own)
    child.start()
    assert child.pid in processes.tree(own)
    child.join()

    assert 250 <= processes.cpu_ms(own) - before <= 1000
    assert child.pid not in processes.tree(own)


def test_memory_is_that_of_the_tree():
    assert 5 < processes.resident_mib(os.getpid()) < 5000


def test_only_what_stands_between_the_marks_is_written_anew(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nafter\n")

    put_in(page, "figures", "| \\1 |")

    assert page.read_text() == (
        "before\n<!-- figures: begin -->\n\n| \\1 |\n\n<!-- figures: end -->\nafter\n"
    )
    with pytest.raises(ValueError, match="not one place for profile"):
        put_in(page, "profile", "new")


def test_a_table_has_text_and_numbers():
    assert table(["what", "n"], [["a", "1"]]) == "| what | n |\n| --- | ---: |\n| a | 1 |"


def test_every_statement_of_a_database_is_counted_once_and_no_other_line(tmp_path):
    log = tmp_path / "log"
    log.write_text("ours LOG:  statement: SELECT 'before'\n")
    began = log.stat().st_size
    with log.open("a") as more:
        more.write(
            "ours LOG:  statement: BEGIN\nours LOG:  statement: \n"
            "ours LOG:  execute _pg3_0: SELECT 1\n\tours LOG:  statement: in a literal\n"
            "ours DETAIL:  parameters: $1 = 'x'\npeer LOG:  execute by_key: SELECT 1\n"
            " LOG:  checkpoint starting: time\n"
        )
    cluster = PostgreSQL(folder=tmp_path, data=tmp_path, process=None)  # type: ignore[arg-type]

    assert [cluster.statements(each, since=began) for each in ("ours", "peer")] == [3, 1]


def test_a_profile_is_added_up_and_what_is_c_belongs_to_its_caller(tmp_path):
    profiler = cProfile.Profile(time.thread_time)
    profiler.runcall(lambda: sorted(json.loads(json.dumps(list(range(200_000))))))
    profiler.dump_stats(tmp_path / "profile")

    parts = by_part(tmp_path / "profile")

    whole = pstats.Stats(str(tmp_path / "profile")).total_tt  # type: ignore[attr-defined]
    assert sum(parts.values()) == pytest.approx(whole)
    assert parts["JSON"] > 0


@pytest.mark.parametrize(
    ("function", "part"),
    [
        (("/x/site-packages/psycopg/cursor.py", 1, "execute"), "psycopg"),
        (("/x/site-packages/django/db/models/query.py", 1, "get"), "Django's ORM"),
        (("/x/site-packages/django/http/request.py", 1, "read"), "Django's requests and answers"),
        (("~", 0, "<method 'sign' of 'RSAPrivateKey' objects>"), "cryptography"),
        (("/x/authserver/endpoints/par.py", 1, "push"), "our other code"),
        (("/usr/lib/python3.11/re/__init__.py", 1, "match"), "Python itself"),
    ],
)
def test_every_function_belongs_to_a_part(function, part):
    assert part_of(function) == part


def test_a_bar_is_as_long_as_its_share():
    assert bar(1.0).count("█") == 2 * bar(0.5).count("█") == 30
