"""Which URLs and addresses are never called. Cases JW-02, JW-03, JW-05, JW-07."""

import pytest

from authserver.outbound import OutboundError, fetch_json, target_of
from authserver.outbound.addresses import is_public

case = pytest.mark.case


def refused(url):
    assert target_of("https://jwks.example.com/keys?a=1").path == "/keys?a=1"
    with pytest.raises(OutboundError) as refusal:
        target_of(url)
    assert "example" not in refusal.value.reason
    return refusal.value.reason


@case("JW-07")
@pytest.mark.parametrize(
    "url",
    [
        "http://jwks.example.com/",
        "HTTPS://jwks.example.com/",
        "ftp://jwks.example.com/",
        "file:///etc/passwd",
        "jwks.example.com",
        "//jwks.example.com/",
        "https:jwks.example.com",
        "",
    ],
)
def test_only_https_is_fetched(url):
    refused(url)


@case("JW-07")
@pytest.mark.parametrize(
    "url",
    [
        "https://user:password@jwks.example.com/",
        "https://user@jwks.example.com/",
        "https://@jwks.example.com/",
        "https://jwks.example.com/#fragment",
        "https://jwks.example.com/#",
        "https://jwks.example.com/\r\nX-Evil: 1",
        "https://jwks.example.com/ a",
        "https://jwks.example.com\\@evil.example/",
        "https://jwks.example.com\t/",
        "https://jwks.example.com/\x00",
        "https://jwks.example.com/\u00e9",
        "https://jwks.example.com:99999/",
        "https://jwks.example.com:a/",
        "https://[::1/",
        "https://jwks.example.com/" + "a" * 3000,
    ],
)
def test_what_two_readers_could_read_differently_is_refused(url):
    refused(url)


@case("JW-07")
@pytest.mark.parametrize("port", [0, 22, 25, 53, 80, 110, 143, 3306, 5432, 6379, 11211])
def test_ports_of_other_protocols_are_refused(port):
    assert "port" in refused(f"https://jwks.example.com:{port}/")


def test_other_ports_are_called():
    assert target_of("https://jwks.example.com:8443/a").port == 8443
    assert target_of("https://jwks.example.com").port == 443


@case("JW-03")
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "8.8.8.8",
        "134744072",
        "\uff11\uff12\uff17.0.0.1",
        "jwks.example.com.",
        "localhost.",
        ".example.com",
        "jwks..example.com",
        "jwks_keys.example.com",
        "jwks%2eexample.com",
        "JWKS.example.com%00",
        "-a.example.com",
        "a" * 64 + ".example.com",
        ".".join(["a" * 60] * 5),
    ],
)
def test_a_host_is_a_plain_name(host):
    refused(f"https://{host}/")


@case("JW-02", "JW-03")
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fe80::1%eth0",
        "ff02::1",
        "nonsense",
        "",
    ],
)
def test_an_address_that_is_not_public_is_refused(address):
    assert is_public("93.184.215.14")
    assert is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    assert not is_public(address)


@case("JW-02")
@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1", "10.1.2.3"])
def test_a_name_that_points_inside_is_not_called(address, resolver, no_connection):
    resolver.answers = [address]

    with pytest.raises(OutboundError, match="public Internet"):
        fetch_json("https://jwks.example.com/")


@case("JW-02", "JW-05")
def test_one_address_inside_among_public_ones_is_a_trap(resolver, no_connection):
    resolver.answers = ["93.184.215.14", "127.0.0.1"]

    with pytest.raises(OutboundError, match="public Internet"):
        fetch_json("https://jwks.example.com/")


@case("JW-05")
def test_what_was_looked_up_is_what_is_called(resolver, monkeypatch):
    called = []

    def connect(address, *args, **kwargs):
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("socket.create_connection", connect)
    resolver.answers = ["93.184.215.14", "93.184.215.15"]

    with pytest.raises(OutboundError, match="no connection"):
        fetch_json("https://jwks.example.com/")

    assert resolver.asked == ["jwks.example.com"]
    assert called == [("93.184.215.14", 443), ("93.184.215.15", 443)]


def test_a_name_without_address_is_not_called(resolver, no_connection):
    resolver.answers = []

    with pytest.raises(OutboundError, match="no address"):
        fetch_json("https://jwks.example.com/")


@case("JW-02")
def test_an_allowed_host_may_be_anywhere_and_no_other(settings, resolver, monkeypatch):
    called = []

    def connect(address, *args, **kwargs):
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("socket.create_connection", connect)
    settings.OUTBOUND_ALLOWED_HOSTS = ["jwks.example.com", "127.0.0.1"]

    with pytest.raises(OutboundError, match="no connection"):
        fetch_json("https://jwks.example.com:8443/")
    with pytest.raises(OutboundError, match="no connection"):
        fetch_json("https://127.0.0.1:8444/")
    with pytest.raises(OutboundError, match="public Internet"):
        fetch_json("https://other.jwks.example.com/")

    assert [port for _, port in called] == [8443, 8444]
