"""Which certificate a caller presented: by the socket, or by the one trusted proxy. MT-nn."""

import ssl
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import RequestFactory

from authserver.protocol.errors import InvalidRequest
from authserver.web import trusted_proxy
from authserver.web.client_certificate import presented_certificate
from tests.support import certificates
from tests.support.assertions import nothing_stored, refused
from tests.support.certificates import issuing
from tests.support.tpp import VALID_REQUEST

case = pytest.mark.case
requirement = pytest.mark.requirement
X1 = certificates.transport("tpp")
X2 = certificates.transport("other")
HEADER = "X-SSL-Client-Cert"
FINGERPRINT = "X-SSL-Client-Fingerprint"
VERDICT = "X-SSL-Client-Verify"
INVALID = "invalid_request"


def forwarded(issued=X1):
    return certificates.forwarded(issued.pem)


ITS_OWN = forwarded()[FINGERPRINT]


class Socket(ssl.SSLSocket):
    """A TLS connection on which this certificate was shown."""

    def __init__(self, der):
        self.der = der

    def getpeercert(self, binary_form=False):
        assert binary_form
        return self.der

    def __del__(self):
        pass


def seen(*, peer="203.0.113.5", headers=None, socket=None):
    extra = {"REMOTE_ADDR": peer} | ({"gunicorn.socket": socket} if socket else {})
    request = RequestFactory().post("/openfinance/par", headers=headers or {}, **extra)
    return presented_certificate(request)


@pytest.fixture
def embedded(settings):
    settings.TRUSTED_PROXY = ""


@requirement("MTLS-2")
def test_the_socket_shows_the_certificate(embedded):
    assert seen(socket=Socket(X1.der)) == X1.der
    assert seen(socket=Socket(b"")) is None
    assert seen(socket=Socket(None)) is None
    assert seen() is None
    assert seen(socket="no TLS here") is None


@case("MT-02", "MT-03", "MT-04")
@pytest.mark.parametrize(
    "name",
    [
        HEADER,
        "x-ssl-client-cert",
        "X-Forwarded-Client-Cert",
        "Client-Cert",
        "Client-Cert-Chain",
        "SSL-Client-Cert",
        "X-SSL-Client-Verify",
        "X-Client-Cert",
    ],
)
def test_embedded_no_header_shows_a_certificate(embedded, name):
    sent = {name: quote(X1.pem, safe="")}

    assert seen(headers=sent) is None
    assert seen(headers=sent, peer="127.0.0.1") is None
    assert seen(headers=sent, peer="") is None
    assert seen(headers=sent, socket=Socket(None)) is None
    assert seen(headers=sent, socket=Socket(X2.der)) == X2.der


@case("MT-05")
@pytest.mark.parametrize(
    ("proxy", "its_peer"), [("unix", ""), ("127.0.0.1", "127.0.0.1"), ("::1", "::1")]
)
def test_the_trusted_proxy_hands_the_certificate_on(settings, proxy, its_peer):
    settings.TRUSTED_PROXY = proxy

    assert seen(peer=its_peer, headers=forwarded()) == X1.der
    assert seen(peer=its_peer) is None
    assert seen(peer=its_peer, headers={HEADER: ""}) is None
    for other in {"", "127.0.0.1", "::1", "127.0.0.2", "203.0.113.5"} - {its_peer}:
        assert seen(peer=other, headers=forwarded()) is None


@case("MT-04")
def test_the_proxy_has_one_header_for_it(settings):
    settings.TRUSTED_PROXY = "unix"
    others = {
        name: quote(X1.pem, safe="")
        for name in ("X-Forwarded-Client-Cert", "Client-Cert", "X-SSL-Client-Certificate")
    }

    assert seen(peer="", headers=others) is None
    assert seen(peer="", headers=others | forwarded(X2)) == X2.der


@case("MT-04", "HT-03")
@pytest.mark.parametrize(
    "header",
    [
        pytest.param(f"{quote(X1.pem)},{quote(X2.pem)}", id="two headers, joined"),
        pytest.param(quote(X1.pem) + ",", id="a comma"),
        pytest.param(quote(X1.pem + issuing().pem), id="two certificates"),
        pytest.param(quote(X1.pem + X1.key_pem), id="with a key"),
        pytest.param(quote(X1.pem)[:200], id="cut off"),
        pytest.param("SUCCESS", id="not PEM"),
        pytest.param("%ff%fe", id="not UTF-8"),
        pytest.param("\u00e9", id="not ASCII"),
        pytest.param(quote(X1.pem) + "A" * 20_000, id="too long"),
        pytest.param(" ", id="a blank"),
    ],
)
def test_what_cannot_be_read_is_an_error_and_not_no_certificate(settings, header):
    settings.TRUSTED_PROXY = "unix"
    assert seen(peer="", headers=forwarded()) == X1.der

    with pytest.raises(InvalidRequest) as refusal:
        seen(peer="", headers=forwarded() | {HEADER: header})
    assert refusal.value.description == "the client certificate cannot be read"


@case("MT-26")
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({FINGERPRINT: forwarded(X2)[FINGERPRINT]}, id="another was verified"),
        pytest.param({HEADER: forwarded(X2)[HEADER]}, id="another was handed on"),
        pytest.param({FINGERPRINT: None}, id="no fingerprint"),
        pytest.param({FINGERPRINT: ""}, id="an empty fingerprint"),
        pytest.param({FINGERPRINT: "0" * 40}, id="a fingerprint of nothing"),
        pytest.param({FINGERPRINT: X1.certificate.fingerprint(SHA256()).hex()}, id="SHA-256"),
        pytest.param({FINGERPRINT: f"{ITS_OWN},{ITS_OWN}"}, id="two fingerprints, joined"),
        pytest.param({FINGERPRINT: "\u00e9"}, id="not ASCII"),
        pytest.param({VERDICT: None}, id="no verdict"),
        pytest.param({VERDICT: "NONE"}, id="verified: none"),
        pytest.param({VERDICT: "SUCCESS,NONE"}, id="two verdicts, joined"),
        pytest.param({VERDICT: "success"}, id="no verdict of nginx"),
        pytest.param({HEADER: None}, id="verified and not handed on"),
        pytest.param({HEADER: "", FINGERPRINT: None}, id="only a verdict"),
        pytest.param({HEADER: "", VERDICT: "NONE"}, id="only a fingerprint"),
    ],
)
def test_what_is_read_is_what_the_proxy_has_verified(settings, changes):
    settings.TRUSTED_PROXY = "unix"
    for verdict in ("SUCCESS", "FAILED:self-signed certificate"):
        assert seen(peer="", headers=forwarded() | {VERDICT: verdict}) == X1.der
    assert seen(peer="", headers={HEADER: "", FINGERPRINT: "", VERDICT: "NONE"}) is None

    headers = {name: value for name, value in (forwarded() | changes).items() if value is not None}
    with pytest.raises(InvalidRequest) as refusal:
        seen(peer="", headers=headers)
    assert refusal.value.description == "the client certificate cannot be read"


@case("MT-26")
def test_a_client_whose_certificate_is_another_one_gets_nothing(tpp, other_tpp):
    verified = {FINGERPRINT: forwarded(other_tpp.certificate)[FINGERPRINT]}

    with nothing_stored():
        refused(tpp.post("/par", VALID_REQUEST | tpp.authentication(), **verified), INVALID)
        form = {"grant_type": "client_credentials", "scope": "accounts"}
        refused(tpp.post("/token", form | tpp.authentication(), **verified), INVALID)
    assert tpp.push().status_code == 201


@requirement("MTLS-2")
def test_a_certificate_that_only_tls_can_read_is_an_error(embedded):
    with pytest.raises(InvalidRequest):
        seen(socket=Socket(b"\x30\x03\x02\x01\x05"))


@case("MT-05", "HT-10")
@pytest.mark.parametrize(
    ("proxy", "peer", "header", "address"),
    [
        ("", "203.0.113.5", "192.0.2.1", "203.0.113.5"),
        ("unix", "203.0.113.5", "192.0.2.1", "203.0.113.5"),
        ("unix", "", "192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("unix", "", "", ""),
        ("unix", "", "192.0.2.1, 192.0.2.2", ""),
        ("unix", "", "nonsense", ""),
    ],
)
def test_only_the_trusted_proxy_says_who_called(settings, proxy, peer, header, address):
    settings.TRUSTED_PROXY = proxy
    request = RequestFactory().get("/", headers={"X-Real-IP": header}, REMOTE_ADDR=peer)

    assert trusted_proxy.client_address(request) == address


@case("HT-10")
def test_the_header_that_anybody_may_append_to_is_not_read(settings):
    settings.TRUSTED_PROXY = "unix"
    headers = {"X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.1"}

    for peer in ("", "203.0.113.5"):
        request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)
        assert trusted_proxy.client_address(request) == peer
