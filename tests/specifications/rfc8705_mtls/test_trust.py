"""RFC 5280, 6 and FFI-2: which certificates of clients an ecosystem believes. Cases MT-nn."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from authserver.protocol.specs import mtls
from tests.support import certificates, rsa_keys
from tests.support.certificates import CLIENT_AUTH, issue, issuing, root

case = pytest.mark.case
requirement = pytest.mark.requirement
SERVER_AUTH = (ExtendedKeyUsageOID.SERVER_AUTH,)
UNKNOWN_CA = "It was not issued by a CA that is trusted here."


def anchors(*, roots=None, issuers=None):
    roots = [root()] if roots is None else roots
    issuers = [issuing()] if issuers is None else issuers
    return mtls.TrustAnchors.of_pem(
        roots=[each.pem for each in roots], issuing=[each.pem for each in issuers]
    )


def judge(issued, *, by=None, now=None):
    return mtls.verify_trust(
        mtls.parse_der(issued.der), anchors=by or anchors(), now=now or datetime.now(UTC)
    )


def refusal(issued, **how):
    judge(certificates.transport("control"))
    with pytest.raises(mtls.BadCertificate) as refused:
        judge(issued, **how)
    return refused.value.sentence


@requirement("MTLS-2.1", "FFI-2")
def test_a_client_certificate_of_a_trusted_ca_is_trusted():
    trusted = judge(certificates.transport("tpp"))

    assert trusted.issuer.der == issuing().der


@requirement("MTLS-2.1")
def test_it_needs_no_alternative_name():
    assert judge(issue("tpp", by=issuing()))
    assert judge(issue("tpp", by=issuing(), names=(x509.DNSName("tpp.example.com"),)))
    assert judge(issue("tpp", by=issuing(), names=(x509.RFC822Name("a@example.com"),)))


@requirement("MTLS-2.1")
def test_the_root_may_have_issued_it_itself():
    assert judge(issue("tpp", by=root()), by=anchors(issuers=[])).issuer.der == root().der


@case("MT-10")
def test_a_self_signed_one_is_not_trusted():
    assert refusal(issue("tpp")) == UNKNOWN_CA


@case("MT-11")
def test_a_ca_that_only_has_the_name_of_a_trusted_one_is_not_trusted():
    impostor_root = issue("Test Root", ca=True)
    impostor = issue("Test Issuing CA", by=impostor_root, ca=True, path_length=0)

    assert refusal(issue("tpp", by=impostor)) == UNKNOWN_CA


@case("MT-11")
def test_the_key_tells_two_trusted_cas_of_one_name_apart():
    twin = issue("Test Issuing CA", by=root(), ca=True, path_length=0)
    both = anchors(issuers=[issuing(), twin])
    ours = mtls.parse_der(issue("tpp", by=issuing()).der)

    assert judge(issue("tpp", by=twin), by=both).issuer.der == twin.der
    assert mtls.issued_by(ours, mtls.parse_der(issuing().der))
    assert not mtls.issued_by(ours, mtls.parse_der(twin.der))


@case("MT-14")
def test_a_missing_issuing_ca_breaks_the_chain():
    assert refusal(issue("tpp", by=issuing()), by=anchors(issuers=[])) == UNKNOWN_CA


@case("MT-14")
def test_a_long_chain_is_not_followed():
    chain = [root()]
    for number in range(20):
        chain.append(issue(f"CA {number}", by=chain[-1], ca=True))

    assert judge(issue("tpp", by=chain[3]), by=anchors(issuers=chain[1:4]))
    assert refusal(issue("tpp", by=chain[-1]), by=anchors(issuers=chain[1:])) == UNKNOWN_CA


@requirement("FFI-2")
def test_without_any_ca_nobody_is_trusted():
    nobody = mtls.TrustAnchors.of_pem(roots=[])

    assert refusal(issue("tpp", by=issuing()), by=nobody) == "No CA is trusted here yet."


@requirement("FFI-2")
def test_an_issuing_ca_alone_is_no_anchor():
    assert "No CA is trusted" in refusal(issue("tpp", by=issuing()), by=anchors(roots=[]))


@case("MT-12")
@requirement("RFC5280-4.2.1.12")
@pytest.mark.parametrize(
    ("usages", "trusted"),
    [
        (CLIENT_AUTH, True),
        (CLIENT_AUTH + SERVER_AUTH, True),
        (SERVER_AUTH, False),
        ((ExtendedKeyUsageOID.CODE_SIGNING,), False),
        ((ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), False),
        ((), False),
    ],
    ids=["client", "both", "server", "code signing", "any", "none"],
)
def test_its_usage_is_client_authentication(usages, trusted):
    issued = issue("tpp", by=issuing(), usages=usages)

    if trusted:
        assert judge(issued)
    else:
        assert "clientAuth" in refusal(issued)


@case("MT-13")
@requirement("RFC5280-4.2.1.9")
def test_a_leaf_issues_nothing():
    leaf = certificates.transport("tpp")

    forged = issue("victim", by=leaf)

    assert refusal(forged) == UNKNOWN_CA
    assert refusal(forged, by=anchors(issuers=[issuing(), leaf])) == UNKNOWN_CA


@case("MT-13")
@requirement("RFC5280-4.2.1.9")
def test_a_ca_is_no_client():
    assert refusal(issue("tpp", by=root(), ca=True)) == (
        "It is the certificate of a CA, not of a client."
    )
    assert refusal(issuing()) == "It is the certificate of a CA, not of a client."


@case("MT-13")
@requirement("RFC5280-4.2.1.9")
def test_the_path_length_is_respected():
    below = issue("Sub CA", by=issuing(), ca=True)

    assert refusal(issue("tpp", by=below), by=anchors(issuers=[issuing(), below])) == UNKNOWN_CA


@case("MT-13")
def test_name_constraints_are_respected():
    only = x509.NameConstraints([x509.DNSName("bank.example")], None)
    ca = constrained(only)
    inside = issue("tpp", by=ca, names=(x509.DNSName("tpp.bank.example"),))
    outside = issue("tpp", by=ca, names=(x509.DNSName("tpp.example.com"),))

    assert judge(inside, by=anchors(issuers=[ca]))
    assert refusal(outside, by=anchors(issuers=[ca])) == UNKNOWN_CA


def constrained(constraints):
    key = ec.generate_private_key(ec.SECP256R1())
    made = rebuilt(issue("Narrow CA", by=root(), ca=True, key=key), constraints)
    return certificates.Issued(made, key)


def rebuilt(issued, extension, *, signer=None):
    """The same certificate with one more extension, signed again."""
    old = issued.certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(old.issuer)
        .public_key(old.public_key())
        .serial_number(old.serial_number)
        .not_valid_before(old.not_valid_before_utc)
        .not_valid_after(old.not_valid_after_utc)
        .add_extension(extension, critical=True)
    )
    for each in old.extensions:
        builder = builder.add_extension(each.value, critical=each.critical)
    return builder.sign((signer or root()).key, hashes.SHA256())


@requirement("RFC5280-6.1")
def test_an_unknown_critical_extension_is_refused():
    leaf = issue("tpp", by=issuing())
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    made = certificates.Issued(rebuilt(leaf, unknown, signer=issuing()), leaf.key)

    assert refusal(made) == UNKNOWN_CA


def usage(**allowed):
    kinds = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{kind: allowed.get(kind, False) for kind in kinds})


def ca_with(*extensions):
    """An issuing CA, by the root, with these extensions besides what makes it a CA."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(certificates.name("Odd CA"))
        .issuer_name(root().certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return certificates.Issued(builder.sign(root().key, hashes.SHA256()), key)


@requirement("RFC5280-4.2.1.9", "RFC5280-4.2.1.12")
@pytest.mark.parametrize(
    ("extension", "may_issue"),
    [
        pytest.param(usage(key_cert_sign=True), True, id="may sign certificates"),
        pytest.param(usage(crl_sign=True), False, id="may sign lists alone"),
        pytest.param(x509.ExtendedKeyUsage(list(CLIENT_AUTH)), True, id="for clients"),
        pytest.param(x509.ExtendedKeyUsage(list(SERVER_AUTH)), False, id="for servers alone"),
    ],
)
def test_an_issuing_ca_must_be_allowed_to_issue_for_clients(extension, may_issue):
    ca = ca_with(extension)
    leaf = issue("tpp", by=ca)

    if may_issue:
        assert judge(leaf, by=anchors(issuers=[ca]))
    else:
        assert refusal(leaf, by=anchors(issuers=[ca])) == UNKNOWN_CA


@requirement("RFC5280-4.2.1.9")
def test_what_is_no_ca_issues_nothing_even_when_stored_as_one():
    powerless = issue("No CA", by=root(), usages=())

    assert refusal(issue("tpp", by=powerless), by=anchors(issuers=[powerless])) == UNKNOWN_CA


@requirement("FFI-2")
def test_its_key_may_sign():
    leaf = issue("tpp", by=issuing())
    signs = rebuilt(leaf, usage(digital_signature=True), signer=issuing())
    enciphers = rebuilt(leaf, usage(key_encipherment=True), signer=issuing())

    assert judge(certificates.Issued(signs, leaf.key))
    assert "digital signatures" in refusal(certificates.Issued(enciphers, leaf.key))


@case("MT-08")
@requirement("RFC5280-4.1.2.5")
@pytest.mark.parametrize(
    ("starts", "ends", "sentence"),
    [
        (timedelta(days=-2), timedelta(seconds=-1), "It expired on"),
        (timedelta(hours=1), timedelta(days=1), "It is not valid before"),
    ],
    ids=["expired", "not yet valid"],
)
def test_it_is_valid_now(starts, ends, sentence):
    assert refusal(issue("tpp", by=issuing(), starts=starts, ends=ends)).startswith(sentence)


@case("MT-08")
def test_a_remembered_verdict_ends_with_the_certificate():
    leaf = issue("tpp", by=issuing(), ends=timedelta(hours=1))
    now = datetime.now(UTC)
    assert judge(leaf, now=now)

    assert refusal(leaf, now=now + timedelta(hours=2)).startswith("It expired on")
    assert judge(leaf, now=now)


@case("MT-08")
def test_a_remembered_verdict_ends_with_its_issuing_ca():
    ca = issue("Short CA", by=root(), ca=True, ends=timedelta(hours=1))
    leaf = issue("tpp", by=ca)
    now = datetime.now(UTC)
    assert judge(leaf, by=anchors(issuers=[ca]), now=now)

    later = now + timedelta(hours=2)
    assert refusal(leaf, by=anchors(issuers=[ca]), now=later) == UNKNOWN_CA


@requirement("FFI-2")
def test_a_verdict_of_other_anchors_counts_nothing():
    leaf = issue("tpp", by=issuing())
    assert judge(leaf)

    elsewhere = anchors(roots=[issue("Another Root", ca=True)])
    assert refusal(leaf, by=elsewhere) == UNKNOWN_CA
    assert judge(leaf)


def with_key(key, *, by=None):
    return certificates.Issued(reissued(key, by or issuing()), by)


def reissued(key, by):
    """A client certificate for this key, as issue makes one."""
    old = certificates.transport("tpp").certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(old.not_valid_before_utc)
        .not_valid_after(old.not_valid_after_utc)
        .add_extension(x509.ExtendedKeyUsage(list(CLIENT_AUTH)), critical=False)
    )
    return builder.sign(by.key, hashes.SHA256())


@case("MT-15", "MT-14")
@requirement("RFC9325-4.5")
@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: rsa.generate_private_key(65537, 1024), "1024 bits"),  # noqa: S505
        (lambda: rsa.generate_private_key(3, 2048), "exponent"),
        (lambda: ec.generate_private_key(ec.SECP224R1()), "P-256"),
        (lambda: ec.generate_private_key(ec.SECP521R1()), "P-256"),
        (lambda: ec.generate_private_key(ec.SECP256K1()), "P-256"),
    ],
    ids=["RSA-1024", "exponent 3", "P-224", "P-521", "secp256k1"],
)
def test_its_key_is_strong_and_of_a_usual_kind(make, sentence):
    assert sentence in refusal(with_key(make()))


@case("MT-15")
@pytest.mark.parametrize(
    "make",
    [
        lambda: rsa_keys.key_of("anybody"),
        lambda: ec.generate_private_key(ec.SECP256R1()),
        lambda: ec.generate_private_key(ec.SECP384R1()),
    ],
    ids=["RSA-2048", "P-256", "P-384"],
)
def test_the_usual_kinds_of_key_are_accepted(make):
    assert judge(with_key(make()))


SHA256_RSA = bytes.fromhex("06092a864886f70d01010b")


@case("MT-15")
@pytest.mark.parametrize(
    "oid",
    [
        pytest.param("06092a864886f70d010105", id="SHA-1"),
        pytest.param("06092a864886f70d010104", id="MD5"),
        pytest.param("06092a864886f70d01017f", id="unknown"),
    ],
)
def test_it_is_not_signed_with_a_weak_hash(oid):
    ca = rsa_ca()
    der = with_key(ec.generate_private_key(ec.SECP256R1()), by=ca).der
    trusting = anchors(roots=[ca], issuers=[])
    now = datetime.now(UTC)
    assert mtls.verify_trust(mtls.parse_der(der), anchors=trusting, now=now)

    weak = mtls.parse_der(der.replace(SHA256_RSA, bytes.fromhex(oid)))
    with pytest.raises(mtls.BadCertificate) as refused:
        mtls.verify_trust(weak, anchors=trusting, now=now)
    assert "hash" in refused.value.sentence


def rsa_ca():
    key = rsa_keys.key_of("RSA Root")
    made = x509.load_der_x509_certificate(issue("RSA Root", ca=True).der)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(made.subject)
        .issuer_name(made.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    signed = builder.sign(key, hashes.SHA256())
    assert signed.public_bytes(Encoding.DER).count(SHA256_RSA) == 2
    return certificates.Issued(signed, key)
