"""Host and ports: what can be set, and what a busy port says."""

import socket

import pytest

from deploy.demo.addresses import Addresses, BadAddress, require_usable


@pytest.fixture
def ports():
    """Four ports that are free at this moment."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
    found = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return dict(zip(("port", "mtls_port", "tpp_port", "bank_port"), found, strict=True))


def test_nothing_said_means_localhost_and_four_ports_in_a_row():
    addresses = Addresses.read({})
    assert addresses.public_base == "https://localhost:8443"
    assert addresses.machine_base == "https://localhost:8444"
    assert addresses.tpp_base == "https://localhost:8445"
    assert addresses.bank_base == "https://localhost:8446"
    assert addresses.bind_host == "127.0.0.1"


def test_host_and_ports_can_be_set():
    addresses = Addresses.read({"HOST": "As.Demo.Test", "PORT": "9001", "BANK_PORT": "9004"})
    assert addresses.public_base == "https://as.demo.test:9001"
    assert addresses.machine_base == "https://as.demo.test:8444"
    assert addresses.bank_base == "https://as.demo.test:9004"
    assert addresses.bind_host == "0.0.0.0"


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"PORT": "https"}, "PORT"),
        ({"TPP_PORT": "0"}, "TPP_PORT"),
        ({"BANK_PORT": "65536"}, "BANK_PORT"),
        ({"MTLS_PORT": "8443"}, "MTLS_PORT"),
        ({"HOST": "https://as.test"}, "HOST"),
        ({"HOST": "as.test:8443"}, "HOST"),
        ({"HOST": "-as.test"}, "HOST"),
        ({"HOST": "bank.com"}, "public name"),
    ],
)
def test_an_impossible_address_is_refused_by_its_name(environ, named):
    with pytest.raises(BadAddress, match=named):
        Addresses.read(environ)


def test_free_ports_are_accepted_and_every_busy_one_is_named(ports):
    addresses = Addresses(**ports)
    require_usable(addresses)
    with (
        socket.create_server(("127.0.0.1", addresses.port)),
        socket.create_server(("127.0.0.1", addresses.tpp_port)),
        pytest.raises(BadAddress) as refusal,
    ):
        require_usable(addresses)
    text = str(refusal.value)
    assert f"{addresses.port} (PORT)" in text
    assert f"{addresses.tpp_port} (TPP_PORT)" in text
    assert "BANK_PORT" not in text
    assert "make demo" in text


def test_a_name_that_leads_nowhere_is_refused_with_the_line_that_helps(ports):
    with pytest.raises(BadAddress, match=r"127\.0\.0\.1 nowhere\.test"):
        require_usable(Addresses(host="nowhere.test", **ports))
