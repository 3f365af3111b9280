"""FFI: the server's own certificate is one that clients trust, and they learn which CAs to pin."""

import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from cryptography import x509
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.urls import reverse

from authserver.protocol.specs.certificate import BadCertificate, parse_der
from authserver.protocol.specs.server_certificate import faults, is_for, read_cas
from tests.operators.admin.conftest import boss
from tests.support import certificates
from tests.support.certificates import CLIENT_AUTH, issue
from tests.support.hostile import answers, context_for, server_certificate, serving

__all__ = ["boss"]

requirement = pytest.mark.requirement
HOST = "localhost"
BROWSER = "text/html"


@pytest.fixture
def front(settings, tmp_path, monkeypatch):
    """Serve a certificate at both of our addresses; this machine knows the CA of the tests."""
    public = tmp_path / "public.pem"
    public.write_text(certificates.root().pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with ExitStack() as stack:

        def start(**changes):
            context = context_for(server_certificate(host=HOST, **changes), tmp_path)
            origin = stack.enter_context(serving(answers({}), context))
            settings.PUBLIC_BASE = settings.MACHINE_BASE = f"https://{HOST}:{origin.port}"

        yield start


@pytest.fixture
def publish(settings, tmp_path):
    def published(text):
        path = tmp_path / "server-ca.pem"
        path.write_text(text)
        settings.SERVER_CA_FILE = str(path)

    return published


def said():
    """What the command says, and whether it ended well."""
    out = StringIO()
    try:
        call_command("check_server_certificate", stdout=out)
    except CommandError:
        return out.getvalue(), False
    return out.getvalue(), True


@requirement("FFI-15")
def test_a_trusted_certificate_for_the_host_that_lasts_is_good(front):
    front()

    text, is_good = said()

    assert is_good, text
    assert "WARNING" not in text
    assert "subject  CN=localhost" in text
    assert "issuer   CN=Test Issuing CA" in text


@requirement("FFI-15", "RFC9110-4.3.4")
@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        pytest.param({"ends": timedelta(days=29)}, "It ends soon, on ", id="ends soon"),
        pytest.param({"ends": timedelta(hours=-1)}, "It expired on ", id="has ended"),
        pytest.param(
            {"names": (x509.DNSName("as.example.com"),)},
            "It is not for the host name localhost.",
            id="another host",
        ),
        pytest.param({"names": ()}, "It is not for the host name localhost.", id="no name"),
        pytest.param({"usages": CLIENT_AUTH}, "It is not issued for servers", id="a client's"),
        pytest.param({"by": None}, "It is not publicly trusted: self", id="self-signed"),
        pytest.param(
            {"by": issue("Other CA", ca=True)},
            "It is not publicly trusted: unable to get local issuer",
            id="of another CA",
        ),
    ],
)
def test_what_turns_clients_away_is_a_warning(front, changes, warning):
    front(**changes)

    text, is_good = said()

    assert not is_good
    assert f"WARNING  {warning}" in text


@requirement("FFI-15")
def test_a_chain_is_not_blamed_for_the_name(front):
    front(names=(x509.DNSName("as.example.com"),))

    text, _ = said()

    assert text.count("WARNING") == 1
    assert "trusted" not in text


@requirement("FFI-15")
def test_an_address_where_nobody_answers_is_a_warning(settings):
    settings.PUBLIC_BASE = settings.MACHINE_BASE = "https://localhost:1"

    text, is_good = said()

    assert not is_good
    assert text.count("WARNING  No certificate can be read here.") == 1


@requirement("FFI-15", "FFI-16")
@pytest.mark.parametrize(
    ("make_pem", "warning"),
    [
        pytest.param(lambda: certificates.root().pem, "", id="the root"),
        pytest.param(lambda: certificates.issuing().pem, "", id="the issuing CA alone"),
        pytest.param(
            lambda: issue("Other CA", ca=True).pem,
            "It does not lead to the published CAs: ",
            id="another CA",
        ),
        pytest.param(
            lambda: certificates.root().pem + issue("Old", ca=True, ends=timedelta(days=20)).pem,
            "The published CA CN=Old,O=Test,C=AE ends on ",
            id="one that ends",
        ),
        pytest.param(
            lambda: server_certificate(host=HOST).pem,
            "The CAs for clients cannot be published: CN=localhost,O=Test,C=AE is not a CA",
            id="the certificate itself",
        ),
    ],
)
def test_the_published_cas_are_those_of_the_certificate(front, publish, make_pem, warning):
    front()
    publish(make_pem())

    text, is_good = said()

    assert is_good is not bool(warning), text
    assert warning in text


@requirement("FFI-15")
def test_operators_see_the_same_on_a_page(front, boss, client):
    front(ends=timedelta(days=10))
    address = reverse("admin:server-certificate")

    text = boss.get(address).content.decode()

    assert "CN=localhost" in text
    assert "It ends soon, on " in text
    assert address in boss.get(reverse("admin:index")).content.decode()
    assert client.get(address).status_code == 302


@requirement("FFI-16")
def test_clients_download_the_cas_and_read_what_to_pin(ffi, publish, client):
    assert client.get("/ffi/server-ca.pem").status_code == 404
    assert client.get("/ffi/profile").json()["server_cas"] == []
    publish(certificates.issuing().pem + "words between\n" + certificates.root().pem)

    response = client.get("/ffi/server-ca.pem")
    document = client.get("/ffi/profile").json()
    page = client.get("/ffi/profile", headers={"Accept": BROWSER}).content.decode()

    assert response["Content-Type"] == "application/pem-certificate-chain"
    assert response.content.decode() == certificates.issuing().pem + certificates.root().pem
    assert document["server_cas_url"] == "https://as.example.com/ffi/server-ca.pem"
    subjects = [each["subject"] for each in document["server_cas"]]
    assert subjects == ["CN=Test Issuing CA,O=Test,C=AE", "CN=Test Root,O=Test,C=AE"]
    for each in document["server_cas"]:
        assert f"sha256/{each['public_key_sha256']}" in page
        assert len(each["public_key_sha256"]) == 44
    assert client.post("/ffi/server-ca.pem").status_code == 405
    assert client.get("/nowhere/server-ca.pem").status_code == 404


@requirement("FFI-16")
@pytest.mark.parametrize(
    "make_pem",
    [
        pytest.param(lambda: certificates.root().pem + certificates.root().key_pem, id="a key"),
        pytest.param(lambda: certificates.transport("tpp").pem, id="no CA"),
        pytest.param(lambda: "hello", id="no certificate"),
        pytest.param(lambda: "\u00e4", id="no ASCII"),
    ],
)
def test_what_is_no_set_of_cas_is_not_published_and_warned_of(ffi, publish, client, make_pem):
    publish(make_pem())

    assert client.get("/ffi/server-ca.pem").status_code == 404
    document = client.get("/ffi/profile").json()
    assert document["server_cas"] == []
    assert "PRIVATE" not in json.dumps(document)
    found = [each.id for each in run_checks(include_deployment_checks=True)]
    assert "authserver.W002" in found


@requirement("FFI-16")
def test_a_good_file_is_not_warned_of(ffi, publish):
    publish(certificates.root().pem)

    found = [each.id for each in run_checks(include_deployment_checks=True)]

    assert "authserver.W002" not in found


@requirement("FFI-2", "FFI-16")
def test_the_page_says_what_a_client_certificate_needs(ffi, client):
    document = client.get("/ffi/profile").json()["client_certificates"]
    page = client.get("/ffi/profile", headers={"Accept": BROWSER}).content.decode()

    assert document["rsa_bits"] == "2048 to 8192"
    assert document["signature_hashes"] == ["sha256", "sha384", "sha512"]
    assert "2048 to 8192" in page
    assert "clientAuth" in page


@requirement("FFI-15", "RFC9110-4.3.4")
@pytest.mark.parametrize(
    ("name", "host", "fits"),
    [
        ("as.example.com", "as.example.com", True),
        ("AS.example.com", "as.EXAMPLE.com", True),
        ("*.example.com", "as.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "a.as.example.com", False),
        ("example.com", "as.example.com", False),
        ("as.example.com", "192.0.2.7", False),
    ],
)
def test_a_wildcard_stands_for_one_label(name, host, fits):
    issued = server_certificate(host="x", names=(x509.DNSName(name),))

    assert is_for(parse_der(issued.der), host) is fits


@requirement("FFI-15")
def test_a_weak_key_is_a_fault(monkeypatch):
    found = parse_der(server_certificate().der)
    now = datetime.now(UTC)
    assert list(faults(found, host="jwks.example.com", now=now)) == []
    monkeypatch.setattr("authserver.protocol.specs.certificate.CURVES", ())

    assert "Its key must be RSA" in next(faults(found, host="jwks.example.com", now=now))
    with pytest.raises(BadCertificate):
        read_cas(certificates.root().pem)
