"""Names that lead where a test wants, and hosts that answer as it says."""

import pytest

from authserver.outbound import addresses, connection, lanes
from tests.support import certificates, hostile


class Resolver:
    """A name server that says what a test wants, and counts how often it was asked."""

    def __init__(self):
        self.answers = ["127.0.0.1"]
        self.asked = []

    def __call__(self, host, port):
        self.asked.append(host)
        return list(self.answers)


@pytest.fixture
def resolver(monkeypatch):
    made = Resolver()
    monkeypatch.setattr(addresses, "resolve", made)
    return made


@pytest.fixture(scope="session")
def ca_file(tmp_path_factory):
    """One for all: with each other path, every CA of the system would be read again."""
    made = tmp_path_factory.mktemp("outbound") / "ca.pem"
    made.write_text(certificates.root().pem)
    return made


@pytest.fixture(autouse=True)
def nobody_is_left_alone():
    """What a test did to a host is not held against it in the next one."""
    lanes.try_again(f"https://{hostile.HOST}/")


@pytest.fixture
def trusting(settings, ca_file):
    """Our trust in the CA of the tests, and nothing else changed."""
    settings.OUTBOUND_CA_FILE = str(ca_file)


@pytest.fixture
def near(settings, resolver, trusting):
    """The host of the tests may be on our own network."""
    settings.OUTBOUND_ALLOWED_HOSTS = [hostile.HOST]


@pytest.fixture
def serve(tmp_path):
    """Start an origin with a script; it ends with the test."""
    started = []

    def start(script, *, certificate=None, prepare=None):
        context = hostile.context_for(certificate or hostile.server_certificate(), tmp_path)
        if prepare:
            prepare(context)
        running = hostile.serving(script, context)
        started.append(running)
        return running.__enter__()

    yield start
    for running in started:
        running.__exit__(None, None, None)


@pytest.fixture
def no_connection(monkeypatch):
    """Hold that nobody was called."""
    called = []

    def connect(self, *args, **kwargs):
        called.append(args)
        raise AssertionError("a connection was made")

    monkeypatch.setattr(connection.CheckedAddresses, "connect_tcp", connect)
    yield called
    assert called == []
