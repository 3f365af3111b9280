"""A demo that is made and not started, and the bank without sockets."""

import shutil
from dataclasses import replace

import pytest

from deploy.demo import sandbox
from deploy.demo.addresses import Addresses
from deploy.demo.folders import Demo
from deploy.demo.sandbox_kit import Kit
from tests.operations.demo.fake_network import FakeNetwork
from tests.support import rsa_keys
from tests.support.once import made_once

ADDRESSES = Addresses(
    host="demo.test", port=18443, mtls_port=18444, tpp_port=18445, bank_port=18446
)


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """A demo whose kit is made; tests read it and change nothing."""

    def make(folder):
        with rsa_keys.instead_of_new_files("kit"):
            sandbox.make(Demo(folder=folder, addresses=ADDRESSES))

    return Demo(folder=made_once(tmp_path_factory, "demo", make), addresses=ADDRESSES)


@pytest.fixture
def own_demo(demo, tmp_path):
    """The same one, to change."""
    return replace(demo, folder=shutil.copytree(demo.folder, tmp_path / "demo"))


@pytest.fixture(scope="session")
def kit(demo):
    return Kit.read(demo.sandbox_json)


@pytest.fixture(scope="session")
def issuer_key():
    return rsa_keys.key_of("issuer")


@pytest.fixture
def network(kit, issuer_key):
    return FakeNetwork(kit, issuer_key)
