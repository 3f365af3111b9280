"""Which tests one process of a run gets together, and which it begins with."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

TESTS = Path(__file__).parents[1]
# What takes longest, and mostly waits for servers: first, while a third process computes. Then,
# when a part of the rest is done, what waits less. What begins last must not be long.
FIRST = ("operations/over_tls/test_embedded.py", "operations/demo/test_run.py")
COMPUTED = 36  # files
THEN = (
    "journeys/browser/test_consents.py",
    "operations/races/test_one_winner.py",
    "operations/http_layer/test_raw_requests.py",
)
# Folders whose files share something dear: a browser, the two fronts, a server and what it knows.
TOGETHER = {
    "tests/architecture": "the parsed sources",
    "tests/journeys/browser": "a browser",
    "tests/operations/over_tls": "the fronts",
    "tests/operations/races": "a server",
    "tests/operations/http_layer": "a server",
}


class FilesThatShare(LoadFileScheduling):  # type: ignore[misc]
    """A process gets a file, or all files that share."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return TOGETHER.get(file.rpartition("/")[0], file)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Let each process of a run compile another part of the tests first, and find the rest done.

    Else all of them do all of it at the same time. What cannot be imported is reported later.
    """
    worker = getattr(collector.config, "workerinput", None)
    if worker is None or not isinstance(collector, pytest.Session):
        return
    number, of = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
    files = sorted(TESTS.rglob("test_*.py"))
    begin = len(files) * number // of
    for file in files[begin:] + files[:begin]:
        with suppress(Exception, pytest.skip.Exception):
            import_module(".".join(file.relative_to(TESTS.parent).with_suffix("").parts))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return FilesThatShare(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    files = list(dict.fromkeys(item.path for item in items))
    first, then = ([TESTS / name for name in names] for names in (FIRST, THEN))
    rest = [file for file in files if file not in first and file not in then]
    order = [*first, *rest[:COMPUTED], *then, *rest[COMPUTED:]]
    rank = {file: number for number, file in enumerate(order)}
    items.sort(key=lambda item: rank[item.path])
