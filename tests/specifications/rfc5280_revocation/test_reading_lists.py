"""Which lists of a CA are believed (RFC 5280, 5 and 6.3.3). Case MT-09."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from authserver.protocol.specs import certificate, revocation_list
from authserver.protocol.specs.revocation_list import (
    BadRevocationList,
    distribution_points_of,
    read,
)
from tests.support import certificates
from tests.support.certificates import issue, issuing

case = pytest.mark.case
requirement = pytest.mark.requirement
URI = "http://pki.example.com/issuing.crl"


def issuer_of(issued):
    return certificate.parse_pem(issued.pem)


def read_der(made, *, by=None):
    octets = made.public_bytes(Encoding.DER)
    return read(octets, issuer=issuer_of(by or issuing()), now=datetime.now(UTC))


def refused(made, *, by=None):
    """The sentence of the refusal; the same list without the change is read."""
    assert read_der(certificates.revocation_list(7)).revoked.keys() == {"7"}
    with pytest.raises(BadRevocationList) as refusal:
        read_der(made, by=by)
    return refusal.value.sentence


def point(**changes):
    return x509.IssuingDistributionPoint(
        **{
            "full_name": None,
            "relative_name": None,
            "only_contains_user_certs": False,
            "only_contains_ca_certs": False,
            "only_some_reasons": None,
            "indirect_crl": False,
            "only_contains_attribute_certs": False,
        }
        | changes
    )


@case("MT-09")
@requirement("RFC5280-6.3.3")
@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
def test_a_list_is_read(encoding):
    made = certificates.revocation_list(0x1F, 2**158, number=12)

    found = read(made.public_bytes(encoding), issuer=issuer_of(issuing()), now=datetime.now(UTC))

    assert found.revoked.keys() == {"1f", f"{2**158:x}"}
    assert found.number == 12
    assert found.next_update == made.next_update_utc
    assert found.this_update == made.last_update_utc
    assert found.distribution_points == ()


def test_an_empty_list_and_one_without_a_number_are_read():
    found = read_der(certificates.revocation_list(number=None))

    assert (found.revoked, found.number) == ({}, -1)


@case("MT-09")
@requirement("RFC5280-6.3.3")
@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: certificates.revocation_list(7, key=issue("x").key),
            "The signature of the list is not that of the CA.",
        ),
        (
            lambda: certificates.revocation_list(7, by=issue("Other CA", by=None, ca=True)),
            "The list is of another CA.",
        ),
        (
            lambda: certificates.revocation_list(7, by=issue("Test Issuing CA", ca=True)),
            "The signature of the list is not that of the CA.",
        ),
        (
            lambda: certificates.revocation_list(7, by=certificates.root()),
            "The list is of another CA.",
        ),
        (
            lambda: certificates.revocation_list(7, digest=hashes.SHA224()),
            "The list is signed with a weak or unknown hash.",
        ),
    ],
    ids=["another key", "another name", "its name, another key", "the root's", "SHA-224"],
)
def test_only_the_ca_itself_is_believed(make, sentence):
    assert refused(make()) == sentence


@requirement("RFC5280-4.2.1.3")
def test_a_ca_that_may_not_sign_lists_is_not_believed():
    mute = issue("Mute CA", by=certificates.root(), ca=True, crl_sign=False)

    sentence = refused(certificates.revocation_list(7, by=mute), by=mute)
    assert sentence == "The CA's certificate does not allow it to sign lists."


@case("MT-09")
@requirement("RFC5280-5.1.2.5")
@pytest.mark.parametrize(
    ("starts", "ends", "sentence"),
    [
        (timedelta(days=-2), timedelta(seconds=-1), "The list is out of date since"),
        (timedelta(minutes=2), timedelta(days=1), "The list is not valid before"),
    ],
)
def test_a_list_is_read_in_its_time(starts, ends, sentence):
    assert refused(certificates.revocation_list(7, starts=starts, ends=ends)).startswith(sentence)


def test_the_cas_clock_may_be_a_little_ahead():
    assert read_der(certificates.revocation_list(7, starts=timedelta(seconds=30))).revoked


UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")


@case("MT-09")
@requirement("RFC5280-5.2", "RFC5280-5.2.5")
@pytest.mark.parametrize(
    ("extension", "sentence"),
    [
        (x509.DeltaCRLIndicator(1), "This is a delta list; the complete one is needed."),
        (UNKNOWN, "The list has a critical extension that is not understood."),
        (point(indirect_crl=True), "This is an indirect list; that of the CA itself is needed."),
        (
            point(only_contains_user_certs=True),
            "The list is a part of several; the complete one is needed.",
        ),
        (
            point(only_contains_ca_certs=True),
            "The list is a part of several; the complete one is needed.",
        ),
        (
            point(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise])),
            "The list is a part of several; the complete one is needed.",
        ),
        (
            point(full_name=[x509.DirectoryName(certificates.name("x"))]),
            "The list names the place that it is for by no URI.",
        ),
        (x509.CRLNumber(2**160), "The number of the list is out of bounds."),
    ],
    ids=[
        "delta",
        "unknown and critical",
        "indirect",
        "users only",
        "CAs only",
        "some reasons",
        "a directory",
        "an endless number",
    ],
)
def test_what_would_leave_certificates_out_is_refused(extension, sentence):
    made = certificates.revocation_list(7, number=None, extensions=((extension, True),))

    assert refused(made) == sentence


@requirement("RFC5280-5.2")
def test_an_unknown_extension_that_is_not_critical_is_passed_over():
    made = certificates.revocation_list(7, extensions=((UNKNOWN, False),))

    assert read_der(made).revoked.keys() == {"7"}


@requirement("RFC5280-5.2.5")
def test_the_places_that_a_list_is_for_are_told():
    made = certificates.revocation_list(
        7, extensions=((point(full_name=[x509.UniformResourceIdentifier(URI)]), True),)
    )

    assert read_der(made).distribution_points == (URI,)
    named = issue("x", by=issuing(), distribution_point=URI)
    assert distribution_points_of(issuer_of(named)) == {URI}
    assert distribution_points_of(issuer_of(issuing())) == frozenset()


@requirement("RFC5280-5.3")
@pytest.mark.parametrize(
    "extension",
    [UNKNOWN, x509.CertificateIssuer([x509.DirectoryName(certificates.name("Another CA"))])],
    ids=["unknown", "another CA's certificate"],
)
def test_an_entry_that_is_not_understood_spoils_the_list(extension):
    made = certificates.revocation_list(7, entry_extensions=((extension, True),))

    assert refused(made) == "An entry of the list has a critical extension that is not understood."


def test_a_reason_is_understood():
    reason = x509.CRLReason(x509.ReasonFlags.certificate_hold)
    made = certificates.revocation_list(7, entry_extensions=((reason, True),))

    assert read_der(made).revoked.keys() == {"7"}


@case("MT-09")
def test_a_huge_list_is_not_even_parsed(monkeypatch):
    made = certificates.revocation_list(*range(1, 20))
    octets = made.public_bytes(Encoding.DER)
    assert len(read_der(made).revoked) == 19

    monkeypatch.setattr(revocation_list, "MOST_REVOKED", 18)
    assert refused(made) == "The list names more than 18 certificates."
    monkeypatch.setattr(revocation_list, "LARGEST", len(octets) - 1)
    monkeypatch.setattr(x509, "load_der_x509_crl", None)
    with pytest.raises(BadRevocationList, match="more than"):
        read(octets, issuer=issuer_of(issuing()), now=datetime.now(UTC))


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"hello",
        b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
        b"0\x84\xff\xff\xff\xff",
        certificates.issuing().der,
    ],
    ids=["nothing", "text", "PEM of nothing", "DER of nothing", "a certificate"],
)
def test_what_is_no_list_is_refused(octets):
    with pytest.raises(BadRevocationList, match="can be read"):
        read(octets, issuer=issuer_of(issuing()), now=datetime.now(UTC))


@requirement("RFC5280-6.3.3")
def test_every_flipped_octet_of_what_is_signed_is_noticed():
    made = certificates.revocation_list(7)
    octets, signed = made.public_bytes(Encoding.DER), made.tbs_certlist_bytes
    start = octets.index(signed)

    for place in range(start, start + len(signed)):
        changed = octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :]
        with pytest.raises(BadRevocationList):
            read(changed, issuer=issuer_of(issuing()), now=datetime.now(UTC))
