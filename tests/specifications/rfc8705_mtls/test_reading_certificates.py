"""Certificates as they arrive: from TLS as DER, from administrators as pasted text."""

import hashlib
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.specs import mtls
from clients.certificates import read_pem
from tests.support import certificates
from tests.support.certificates import issue, issuing, root

case = pytest.mark.case
requirement = pytest.mark.requirement


def anchors():
    return mtls.TrustAnchors.of_pem(roots=[root().pem], issuing=[issuing().pem])


def read(text, **how):
    return read_pem(text, now=datetime.now(UTC), **({"anchors": anchors()} | how))


def sentence(text, **how):
    assert read(certificates.transport("control").pem, **how)
    with pytest.raises(mtls.BadCertificate) as refused:
        read(text, **how)
    return refused.value.sentence


@requirement("MTLS-3.1")
def test_the_thumbprint_is_the_sha_256_of_the_der():
    issued = certificates.transport("tpp")

    parsed = mtls.parse_der(issued.der)

    digest = urlsafe_b64encode(hashlib.sha256(issued.der).digest()).rstrip(b"=").decode()
    assert parsed.thumbprint == digest == mtls.parse_pem(issued.pem).thumbprint
    assert len(parsed.thumbprint) == 43


def test_what_stands_in_it_is_read():
    names = (x509.DNSName("tpp.example.com"), x509.RFC822Name("a@example.com"))
    issued = issue("tpp", by=issuing(), names=names)

    parsed = mtls.parse_der(issued.der)

    assert parsed.subject == "CN=tpp,O=Test,C=AE"
    assert parsed.issuer == "CN=Test Issuing CA,O=Test,C=AE"
    assert int(parsed.serial_number, 16) == issued.certificate.serial_number
    assert parsed.not_before == issued.certificate.not_valid_before_utc
    assert parsed.not_after == issued.certificate.not_valid_after_utc
    assert (parsed.dns_names, parsed.emails) == (("tpp.example.com",), ("a@example.com",))
    assert (parsed.key_kind, parsed.key_size) == ("EC", 256)
    assert repr(issued.der) not in repr(parsed)


@requirement("FFI-2", "PRODUCT-1")
def test_a_client_certificate_can_be_registered():
    issued = certificates.transport("tpp")

    assert read(issued.pem).der == issued.der
    assert read("subject=tpp\n" + issued.pem + "\n").der == issued.der


@requirement("PRODUCT-1")
def test_a_private_key_is_refused_and_not_repeated():
    issued = certificates.transport("tpp")

    for text in (issued.key_pem, issued.pem + issued.key_pem):
        said = sentence(text)
        assert "private key" in said
        assert issued.key_pem.splitlines()[1] not in said


@requirement("PRODUCT-1")
@pytest.mark.parametrize(
    ("text", "about"),
    [
        pytest.param("", "No PEM certificate", id="nothing"),
        pytest.param("hello", "No PEM certificate", id="something else"),
        pytest.param("-----BEGIN CERTIFICATE-----\nAAAA", "can be read", id="cut off"),
        pytest.param(
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "can be read", id="junk"
        ),
        pytest.param("-----BEGIN CERTIFICATE-----\n\u00e9", "can be read", id="not ASCII"),
        pytest.param(
            certificates.transport("tpp").pem + issuing().pem, "several", id="a whole chain"
        ),
    ],
)
def test_what_is_not_one_certificate_is_refused_with_a_sentence(text, about):
    assert about in sentence(text)


@requirement("PRODUCT-1", "FFI-2")
def test_a_certificate_that_could_not_be_used_is_refused_with_a_sentence():
    day = timedelta(days=1)

    assert "expired" in sentence(issue("tpp", by=issuing(), starts=-2 * day, ends=-day).pem)
    assert "not valid before" in sentence(issue("tpp", by=issuing(), starts=day).pem)
    assert "certificate of a CA" in sentence(issuing().pem)
    assert "trusted here" in sentence(issue("tpp").pem)
    assert "clientAuth" in sentence(issue("tpp", by=issuing(), usages=()).pem)


@requirement("MTLS-2.2")
def test_a_self_signed_one_is_held_to_its_time_and_key_alone():
    day = timedelta(days=1)

    assert read(issue("tpp").pem, anchors=None)
    assert read(issue("tpp", ca=True).pem, anchors=None)
    assert "expired" in sentence(issue("tpp", starts=-2 * day, ends=-day).pem, anchors=None)


@case("MT-14")
def test_a_huge_certificate_is_not_even_parsed():
    with pytest.raises(mtls.BadCertificate, match="larger"):
        mtls.parse_der(b"\x30" * 500_000)


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_octets_raise_anything_but_a_bad_certificate(octets, place):
    der = certificates.transport("tpp").der
    for tried in (octets, der[:place] + octets + der[place + len(octets) :]):
        try:
            parsed = mtls.parse_der(tried)
            mtls.verify_trust(parsed, anchors=anchors(), now=datetime.now(UTC))
        except mtls.BadCertificate:
            continue
        assert tried == der
